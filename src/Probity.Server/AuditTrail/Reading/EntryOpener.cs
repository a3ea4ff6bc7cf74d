using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Ledger.Merkle;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// Reads an entry back into the event it was made from: encrypted members are decrypted into their places, members
/// that moved to blobs are fetched. What cannot be opened any more (its key is gone) is named, not left out silently.
/// </summary>
internal sealed class EntryOpener(ILedgerStore store, IFieldCipher? cipher)
{
    /// <summary>Opens an entry.</summary>
    /// <param name="body">The entry's exact bytes.</param>
    /// <param name="withBlobs">Whether members in blobs are fetched too.</param>
    /// <param name="cancellationToken">Ends the wait for blobs.</param>
    public async Task<OpenedEntry> OpenAsync(
        ReadOnlyMemory<byte> body, bool withBlobs, CancellationToken cancellationToken)
    {
        var source = JsonElement.Parse(body.Span);
        var entry = JsonObject.Create(source)!; // Committed entries are objects.
        var encrypted = new JsonArray();
        var unreadable = new JsonArray();
        if (source.TryGetProperty("enc"u8, out var elements))
        {
            OpenSealed(source, elements, entry, encrypted, unreadable);
        }

        if (withBlobs && entry["blobs"] is JsonArray blobs)
        {
            foreach (var blob in blobs)
            {
                await OpenBlobAsync(
                    entry, blob!.AsObject(), source.GetProperty("log"u8).GetString()!, unreadable, cancellationToken);
            }
        }

        entry.Remove("enc");
        return new OpenedEntry(entry, encrypted, unreadable);
    }

    /// <summary>What opens sealed members of many entries in memory that it uses again; not thread safe.</summary>
    public SealedMembers NewMembers() => new(cipher);

    private void OpenSealed(
        JsonElement source, JsonElement elements, JsonObject entry, JsonArray encrypted, JsonArray unreadable)
    {
        var members = NewMembers();
        foreach (var element in elements.EnumerateArray().Select(element => new SealedElement(element)))
        {
            var isOpen = members.TryOpen(source, element, (pointer, value) =>
                Place(entry, pointer.GetString()!, JsonNode.Parse(JsonMarshal.GetRawUtf8Value(value)))); // A string.
            for (var i = 0; i < element.Count; i++)
            {
                var field = element.Field(i).GetString();
                encrypted.Add(field);
                if (!isOpen)
                {
                    unreadable.Add(field);
                }
            }
        }
    }

    private async Task OpenBlobAsync(
        JsonObject entry, JsonObject blob, string origin, JsonArray unreadable, CancellationToken cancellationToken)
    {
        var field = blob["field"]!.GetValue<string>();
        var key = blob["key"]!.GetValue<string>();
        var content = await store.ReadBlobAsync(Digest.FromHex(blob["sha256"]!.GetValue<string>()), cancellationToken);
        try
        {
            var plain = content is null ? null
                : key.Length == 0 ? content : BlobSeal.Open(origin, field, key, content, RequireCipher());
            if (plain is null)
            {
                unreadable.Add(field);
                return;
            }

            Place(entry, field, JsonNode.Parse(plain));
        }
        catch (CryptographicException)
        {
            unreadable.Add(field);
        }
    }

    private IFieldCipher RequireCipher() =>
        cipher ?? throw new CryptographicException("Encryption is off and the entry was encrypted.");

    private static void Place(JsonObject entry, string pointer, JsonNode? value)
    {
        JsonNode at = entry;
        var path = pointer.Split('/')[1..];
        foreach (var step in path[..^1])
        {
            at = at is JsonArray list
                ? list[int.Parse(step, CultureInfo.InvariantCulture)]!
                : at[step] ??= new JsonObject();
        }

        at[path[^1]] = value;
    }
}

/// <summary>An entry with its members in place.</summary>
/// <param name="Json">The entry without <c>enc</c>, members in their places.</param>
/// <param name="Encrypted">Pointers of the members that are encrypted at rest.</param>
/// <param name="Unreadable">Pointers of members that could not be opened.</param>
internal sealed record OpenedEntry(JsonObject Json, JsonArray Encrypted, JsonArray Unreadable);

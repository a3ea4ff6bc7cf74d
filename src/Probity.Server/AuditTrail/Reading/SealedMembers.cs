using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>A sealed member that was opened.</summary>
/// <param name="pointer">Its JSON pointer, a string.</param>
/// <param name="value">What belongs there; valid only during the call.</param>
internal delegate void SealedMember(JsonElement pointer, JsonElement value);

/// <summary>
/// Decrypts what is sealed in entries, one entry after the other, into memory it uses again. Not thread safe.
/// </summary>
/// <param name="cipher">Opens the ciphertexts; null when encryption is off: then nothing can be opened.</param>
internal sealed class SealedMembers(IFieldCipher? cipher)
{
    private readonly ByteBuffer _aad = new(512);
    private byte[] _text = [];
    private byte[] _plain = [];
    private string _key = "";

    /// <summary>Hands over each member that can be opened.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="opened">Told pointer and value.</param>
    public void Open(JsonElement entry, SealedMember opened)
    {
        if (cipher is null || !entry.TryGetProperty("enc"u8, out var elements))
        {
            return;
        }

        foreach (var element in elements.EnumerateArray())
        {
            TryOpen(entry, new SealedElement(element), opened);
        }
    }

    /// <summary>Hands over the members of one element.</summary>
    /// <returns>False, and nothing was handed over, when it cannot be opened: its key is gone, or it was
    /// altered.</returns>
    /// <exception cref="FormatException">It is not what this server writes.</exception>
    public bool TryOpen(JsonElement entry, SealedElement element, SealedMember opened)
    {
        if (cipher is null || !TryDecrypt(entry, element, out var plain))
        {
            return false;
        }

        using var values = JsonDocument.Parse(plain);
        if (element.IsFirstForm)
        {
            OpenNamed(element, values.RootElement, opened);
            return true;
        }

        if (values.RootElement.GetArrayLength() != element.Count)
        {
            throw new FormatException("A sealed element of a committed entry has more or fewer values than pointers.");
        }

        for (var i = 0; i < element.Count; i++)
        {
            opened(element.Field(i), values.RootElement[i]);
        }

        return true;
    }

    private static void OpenNamed(SealedElement element, JsonElement values, SealedMember opened)
    {
        for (var i = 0; i < element.Count; i++)
        {
            var pointer = element.Field(i);
            opened(pointer, values.GetProperty(pointer.GetString()!)); // The binding holds strings.
        }
    }

    private bool TryDecrypt(JsonElement entry, SealedElement element, out ReadOnlyMemory<byte> plain)
    {
        plain = default;
        var (nonceBytes, sealedBytes) = Decode(element);
        if (nonceBytes != IFieldCipher.NonceBytes || sealedBytes < IFieldCipher.TagBytes)
        {
            return false;
        }

        var key = element.Key;
        if (!key.ValueEquals(_key))
        {
            _key = key.GetString() ?? "";
        }

        element.WriteBinding(_aad, entry);
        var length = sealedBytes - IFieldCipher.TagBytes;
        try
        {
            cipher!.Open( // Callers look at null.
                _key, _aad.WrittenSpan, _text.AsSpan(0, nonceBytes), _text.AsSpan(nonceBytes, sealedBytes),
                _plain.AsSpan(1, length));
        }
        catch (CryptographicException)
        {
            return false;
        }

        plain = element.IsFirstForm ? _plain.AsMemory(1, length) : Listed(length);
        return true;
    }

    /// <summary>Sealed are the values with commas between: here is the list of them.</summary>
    private ReadOnlyMemory<byte> Listed(int length)
    {
        _plain[0] = (byte)'[';
        _plain[length + 1] = (byte)']';
        return _plain.AsMemory(0, length + 2);
    }

    /// <summary>Writes nonce, ciphertext and tag one after another into the memory for text.</summary>
    private (int NonceBytes, int SealedBytes) Decode(SealedElement element)
    {
        var text = JsonMarshal.GetRawUtf8Value(element.Text)[1..^1];
        if (_text.Length < text.Length + IFieldCipher.NonceBytes)
        {
            var room = 2 * (text.Length + IFieldCipher.NonceBytes);
            CryptographicOperations.ZeroMemory(_plain);
            (_text, _plain) = (new byte[room], new byte[room]);
        }

        if (!element.IsFirstForm)
        {
            var all = Done(Base64Url.DecodeFromUtf8(text, _text, out _, out var bytes), bytes);
            var nonce = Math.Min(all, IFieldCipher.NonceBytes);
            return (nonce, all - nonce);
        }

        var first = JsonMarshal.GetRawUtf8Value(element.Nonce)[1..^1];
        var from = Done(Base64.DecodeFromUtf8(first, _text.AsSpan(0, IFieldCipher.NonceBytes), out _, out var n), n);
        return (from, Done(Base64.DecodeFromUtf8(text, _text.AsSpan(from), out _, out var m), m));
    }

    private static int Done(OperationStatus status, int written) => status == OperationStatus.Done
        ? written
        : throw new FormatException("A sealed member of a committed entry is no base64.");
}

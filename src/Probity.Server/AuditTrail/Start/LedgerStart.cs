using System.Security.Cryptography;
using System.Text.Json;
using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Start;

/// <summary>What must hold before the first append: an origin, a signing key that fits the stored head, a first entry.</summary>
internal static class LedgerStart
{
    private const string DefaultHost = "probity.local";

    /// <summary>A new log's name: the public address if there is one, else a name that no other installation has.</summary>
    public static string NewOrigin(Uri? publicUrl)
    {
        var host = publicUrl is null
            ? DefaultHost
            : (publicUrl.Authority + publicUrl.AbsolutePath).TrimEnd('/').ToLowerInvariant();
        return $"{host}/log/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
    }

    /// <summary>Opens the log, or creates it empty. Reads one row, however long the log is.</summary>
    public static async Task<LogHead> OpenAsync(
        ILedgerStore store, Uri? publicUrl, CancellationToken cancellationToken) =>
        await store.ReadHeadAsync(cancellationToken)
        ?? await store.CreateAsync(LogHead.Create(NewOrigin(publicUrl)), cancellationToken);

    /// <summary>Checks that the stored head was signed by the key this server signs with.</summary>
    /// <exception cref="LedgerIntegrityException">It was not, or it does not say what the head row says.</exception>
    public static void CheckHead(LogHead head, VerifierKey key)
    {
        if (head.Size == 0)
        {
            return;
        }

        SignedNote note;
        Checkpoint checkpoint;
        try
        {
            note = SignedNote.Parse(head.Checkpoint);
            checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (NoteFormatException failure)
        {
            throw new LedgerIntegrityException($"The stored head's checkpoint is malformed: {failure.Message}");
        }

        if (NoteVerification.Verify(note, [key]) is NoteVerdict.Refused refused)
        {
            throw new LedgerIntegrityException(
                $"The stored head's checkpoint is not signed by this installation's key {key}: {refused.Detail}");
        }

        if (checkpoint.Origin != head.Origin || checkpoint.Size != head.Size || checkpoint.Root != head.Root)
        {
            throw new LedgerIntegrityException("The stored head's checkpoint does not say what the head row says.");
        }
    }

    /// <summary>The entry that says that events after it are not encrypted by the server's choice.</summary>
    public static EntryDraft EncryptionOff(DateTimeOffset now) => new()
    {
        Id = EntryIds.New(now),
        Type = "probity.ledger.encryption_off",
        Action = "ledger.encryption.disable",
        Actor = new EntryActor("system", "probity"),
        DataJson = """{"setting":"AUDIT_ENABLE_ENCRYPTION"}""",
    };

    /// <summary>The entry that every log begins with: its name, its key, its format.</summary>
    public static EntryDraft FirstEntry(string origin, VerifierKey key, string version, DateTimeOffset now) => new()
    {
        Id = EntryIds.New(now),
        Type = "probity.ledger.created",
        Action = "ledger.create",
        Actor = new EntryActor("system", "probity"),
        Targets = [new EntryTarget("log", origin)],
        DataJson = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["key"] = key.ToString(),
            ["software"] = version,
        }),
    };
}

using System.Numerics;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Verification;

/// <summary>Where a checkpoint was found.</summary>
internal enum CheckpointSource
{
    Stored,
    Head,
    Outside,
}

/// <summary>A signed checkpoint after its signature was looked at, before its root is compared.</summary>
/// <remarks>
/// FiledUnder: the size it was filed under, or the size it states. Fault: null when the log has signed it; else
/// what is wrong with it. FaultDetail: the fault in a sentence.
/// </remarks>
internal sealed record JudgedCheckpoint(
    CheckpointSource Source, long FiledUnder, Checkpoint? Checkpoint, FindingKind? Fault, string FaultDetail, string Note)
{
    public bool IsTrusted => Fault is null;

    /// <summary>Whether it names another origin than the log's, one that a trusted key bears.</summary>
    public bool IsFormer { get; init; }

    public long Size => Checkpoint?.Size ?? FiledUnder;

    public string Where => Source switch
    {
        CheckpointSource.Head => "head/checkpoint",
        CheckpointSource.Outside => $"outside/checkpoint/{Size}",
        _ => $"checkpoint/{FiledUnder}",
    };
}

/// <summary>Decides whether a checkpoint may be used as a witness. Pure and thread safe.</summary>
internal sealed class CheckpointJudge(string origin, IReadOnlyList<VerifierKey> keys)
{
    // C2SP tlog-policy: a log is believed on a key of type 0x01 that bears its origin as name. Cosignatures do not count.
    private readonly VerifierKey[] _logKeys =
        [.. keys.Where(k => k.SignatureType == VerifierKey.Ed25519Note && k.Name == origin)];

    public bool HasLogKey => _logKeys.Length > 0;

    public JudgedCheckpoint Judge(CheckpointSource source, string note, long? filedUnder = null)
    {
        SignedNote signed;
        Checkpoint checkpoint;
        try
        {
            signed = SignedNote.Parse(note);
            checkpoint = Checkpoint.Parse(signed.Text);
        }
        catch (NoteFormatException e)
        {
            return new JudgedCheckpoint(source, filedUnder ?? 0, null, FindingKind.CheckpointAltered,
                $"The checkpoint is not written as one: {e.Message}", note);
        }

        if (source != CheckpointSource.Head && checkpoint.Origin != origin
            && IsSignedByFormer(signed, checkpoint.Origin) && (filedUnder is null || filedUnder == checkpoint.Size))
        {
            return new JudgedCheckpoint(source, checkpoint.Size, checkpoint, null, "", note) { IsFormer = true };
        }

        var (fault, detail) = Fault(signed, checkpoint, filedUnder);
        return new JudgedCheckpoint(source, filedUnder ?? checkpoint.Size, checkpoint, fault, detail, note);
    }

    /// <summary>Provisional: whether the log has had that origin, its own entries decide at the end.</summary>
    private bool IsSignedByFormer(SignedNote signed, string former)
    {
        var formerKeys = keys.Where(k => k.SignatureType == VerifierKey.Ed25519Note && k.Name == former).ToArray();
        return formerKeys.Length > 0 && NoteVerification.Verify(signed, formerKeys) is not NoteVerdict.Refused;
    }

    private (FindingKind? Fault, string Detail) Fault(SignedNote signed, Checkpoint checkpoint, long? filedUnder)
    {
        switch (NoteVerification.Verify(signed, _logKeys))
        {
            case NoteVerdict.Refused("note.no_known_signature", _) when IsSignedUnderAnotherName(signed):
                return (FindingKind.CheckpointAltered,
                    "The signature is a trusted key's, but the key name or key id beside it has been altered.");
            case NoteVerdict.Refused("note.no_known_signature", _) when IsSlipOfKeyId(signed):
                return (FindingKind.CheckpointAltered,
                    "The key id is a trusted key's but for a bit or two: the signature line has been altered.");
            case NoteVerdict.Refused("note.no_known_signature", _):
                return (FindingKind.WrongKey, "No trusted key of this log has signed the checkpoint; it is signed by "
                    + string.Join(", ", signed.Signatures.Select(s => $"{s.Name}+{s.KeyId:x8}")) + ".");
            case NoteVerdict.Refused(_, var detail):
                return (FindingKind.CheckpointAltered, "The checkpoint is not as it was signed: " + detail);
        }

        if (checkpoint.Origin != origin)
        {
            return (FindingKind.Unreadable, $"The checkpoint is of another log, {checkpoint.Origin}.");
        }

        return filedUnder is { } size && size != checkpoint.Size
            ? (FindingKind.CheckpointAltered, $"A checkpoint of size {checkpoint.Size} is filed under size {size}.")
            : (null, string.Empty);
    }

    private bool IsSignedUnderAnotherName(SignedNote note)
    {
        var text = Canonical.Utf8.GetBytes(note.Text);
        return note.Signatures.Any(s => _logKeys.Any(k => k.VerifiesEd25519(text, s.Bytes)));
    }

    // One altered character where key id and signature meet in the base64 text bends both. Two bits are what it can bend
    // of the id; that a stranger's key of the same name comes that near happens once in eight million.
    private bool IsSlipOfKeyId(SignedNote note) =>
        note.Signatures.Any(s => _logKeys.Any(k => s.Name == k.Name && BitOperations.PopCount(s.KeyId ^ k.KeyId) <= 2));
}

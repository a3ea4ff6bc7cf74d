using System.Text.Json;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Verification;

/// <summary>
/// Entries that say that a log goes on under a new origin, because an old copy was put back and what had been signed
/// after it is lost. Their <c>data</c> stands in clear. Pure and thread safe.
/// </summary>
public static class ContinuationClaims
{
    /// <summary>The type of such an entry; it is the first under its origin.</summary>
    public const string EntryType = "probity.custody.continued";

    /// <summary>Two people: nobody alone decides that signed entries are lost for good.</summary>
    internal const int FewestApprovers = 2;

    private static readonly byte[] s_end = PlainStatement.EndOf(EntryType);

    /// <summary>What an entry claims; null when it is no such entry or says it in another form.</summary>
    /// <remarks>In the latter case it states nothing, and entries of another origin are strangers.</remarks>
    internal static ContinuationClaim? TryRead(ReadOnlySpan<byte> entry) => PlainStatement.TryRead(entry, s_end, Read);

    private static ContinuationClaim Read(JsonElement entry)
    {
        var data = entry.GetProperty("data"u8);
        var outside = data.GetProperty("checkpoint"u8);
        return new ContinuationClaim(
            entry.GetProperty("log"u8).GetString() ?? "",
            data.GetProperty("restored_size"u8).GetInt64(),
            new LogContinuation(
                entry.GetProperty("seq"u8).GetInt64(),
                entry.GetProperty("id"u8).GetString() ?? "",
                entry.GetProperty("recorded_at"u8).GetString() ?? "",
                data.GetProperty("former_origin"u8).GetString() ?? "",
                outside.GetProperty("size"u8).GetInt64(),
                Digest.From(Convert.FromBase64String(outside.GetProperty("root"u8).GetString() ?? "")),
                PlainStatement.Approvers(data)),
            Digest.FromHex(entry.GetProperty("prev"u8).GetString()),
            data.TryGetProperty("consents"u8, out var consents)
                ? [.. consents.EnumerateArray().Select(consent => consent.GetString() ?? "")]
                : []);
    }
}

/// <summary>What one such entry claims, before it is known whether it is genuine.</summary>
/// <param name="Log">The origin it is under.</param>
/// <param name="RestoredSize">Entries of the copy that was put back.</param>
/// <param name="Continuation">What it states.</param>
/// <param name="Prev">The leaf hash of the entry before it.</param>
/// <param name="Consents">Signed notes of those who accepted the loss; empty when they are only named.</param>
internal sealed record ContinuationClaim(
    string Log, long RestoredSize, LogContinuation Continuation, Digest Prev, IReadOnlyList<string> Consents)
{
    /// <summary>Whether it may bring two origins together: two approvers, at its own place, something lost.</summary>
    public bool IsValid => Continuation.Approvers.Count >= ContinuationClaims.FewestApprovers
        && RestoredSize == Continuation.EntrySeq && Continuation.CheckpointSize > RestoredSize
        && Log != Continuation.FormerOrigin && Consents.Count <= SignedNote.MaxSignatures;
}

/// <summary>
/// A genuine entry with which a log goes on under a new origin. Entries from <paramref name="EntrySeq"/> up to but not
/// including <paramref name="CheckpointSize"/> were signed under the former origin and are lost; the numbers are given
/// anew under the new one.
/// </summary>
/// <param name="EntrySeq">The entry's number, which is the size of the copy that was put back.</param>
/// <param name="EntryId">Its id.</param>
/// <param name="RecordedAt">When it was recorded, RFC 3339.</param>
/// <param name="FormerOrigin">The origin that ends before it.</param>
/// <param name="CheckpointSize">The size of the last checkpoint of the former origin known from outside.</param>
/// <param name="CheckpointRoot">The root hash of that checkpoint.</param>
/// <param name="Approvers">Who agreed to the loss; two people or more.</param>
public sealed record LogContinuation(
    long EntrySeq, string EntryId, string RecordedAt, string FormerOrigin, long CheckpointSize, Digest CheckpointRoot,
    IReadOnlyList<string> Approvers)
{
    /// <summary>
    /// Whether each of them has signed this very loss with the key that an entry before it names. Otherwise whoever ran
    /// the command has only named them, which counts while fewer than two people have such a key.
    /// </summary>
    public bool IsSigned { get; init; }
}

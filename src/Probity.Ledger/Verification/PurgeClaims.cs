using System.Text.Json;

namespace Probity.Ledger.Verification;

/// <summary>
/// Entries that say which earlier entries were purged when their time was over, and who agreed to it. Their <c>data</c>
/// stands in clear. Pure and thread safe.
/// </summary>
public static class PurgeClaims
{
    /// <summary>The type of such an entry.</summary>
    public const string EntryType = "probity.custody.purged";

    /// <summary>Two people: whoever asks for a purge does not agree to it.</summary>
    internal const int FewestApprovers = 2;

    private static readonly byte[] s_end = PlainStatement.EndOf(EntryType);

    /// <summary>What an entry claims; null when it is no such entry or says it in another form.</summary>
    /// <remarks>In the latter case it names nothing, and what is missing is missing.</remarks>
    internal static PurgeClaim? TryRead(ReadOnlySpan<byte> entry) => PlainStatement.TryRead(entry, s_end, Read);

    private static PurgeClaim Read(JsonElement entry)
    {
        var data = entry.GetProperty("data"u8);
        return new PurgeClaim(
            entry.GetProperty("seq"u8).GetInt64(),
            entry.GetProperty("id"u8).GetString() ?? "",
            entry.GetProperty("recorded_at"u8).GetString() ?? "",
            PlainStatement.Approvers(data),
            [.. data.GetProperty("ranges"u8).EnumerateArray().Select(r => (r[0].GetInt64(), r[1].GetInt64()))]);
    }
}

/// <summary>What one purge entry claims.</summary>
internal sealed record PurgeClaim(
    long Seq, string Id, string RecordedAt, IReadOnlyList<string> Approvers,
        IReadOnlyList<(long First, long Last)> Ranges)
{
    /// <summary>Whether it can excuse what is missing: two approvers, and only entries before it.</summary>
    public bool IsValid => Approvers.Count >= PurgeClaims.FewestApprovers
        && Ranges.All(r => r.First >= 0 && r.First <= r.Last && r.Last < Seq);
}

/// <summary>Entries that are gone because a purge entry with approvers names them; their leaf hashes are
/// kept.</summary>
/// <param name="First">The first one.</param>
/// <param name="Last">The last one.</param>
/// <param name="EntrySeq">The number of the purge entry.</param>
/// <param name="EntryId">Its id.</param>
/// <param name="RecordedAt">When it was recorded, RFC 3339.</param>
/// <param name="Approvers">The ids of those who asked for it and agreed to it.</param>
public sealed record PurgedRange(
    long First, long Last, long EntrySeq, string EntryId, string RecordedAt, IReadOnlyList<string> Approvers);

using Probity.Ledger.Merkle;

namespace Probity.Server.AuditTrail.Append;

/// <summary>Where an entry stands in the log.</summary>
/// <param name="Id">The entry's id; the first one's when this is a duplicate.</param>
/// <param name="Seq">Its leaf index.</param>
/// <param name="Hash">Its leaf hash.</param>
/// <param name="Duplicate">Whether (source, external_id) was in the log already and nothing was written.</param>
internal readonly record struct EntryPlace(string Id, long Seq, Digest Hash, bool Duplicate)
{
    /// <summary>Stands for the id of an entry that was purged: only its number and hash are kept.</summary>
    public const string PurgedId = "purged";
}

/// <summary>What became of an <see cref="AppendRequest"/>. All that is answered here is durable.</summary>
internal abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <summary>Committed now.</summary>
    /// <param name="Places">One per entry, in the order of the request.</param>
    /// <param name="Checkpoint">The signed note that covers them.</param>
    /// <param name="Replayed">Whether this is the stored answer to an earlier request with the same key.</param>
    internal sealed record Committed(IReadOnlyList<EntryPlace> Places, string Checkpoint, bool Replayed = false)
        : AppendResult;

    /// <summary>The Idempotency-Key came before with another request; nothing was written.</summary>
    internal sealed record KeyReused : AppendResult;

    /// <summary>
    /// The way members are kept was changed after the request was sealed; nothing was written. Sealed anew it goes
    /// through.
    /// </summary>
    internal sealed record ClassesChanged : AppendResult;

    /// <summary>An external id came before with other content; nothing of the request was written.</summary>
    /// <param name="Index">Position of the entry in the request.</param>
    /// <param name="Seq">The entry that has the id.</param>
    internal sealed record ExternalIdReused(int Index, long Seq) : AppendResult;
}

/// <summary>The ledger cannot take the request now; nothing was written and the same request may be sent again.</summary>
/// <param name="code">Stable error code, such as <c>ledger.queue_full</c>.</param>
/// <param name="message">What is wrong, for people.</param>
/// <param name="inner">What the store said, or null.</param>
internal sealed class LedgerUnavailableException(string code, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;
}

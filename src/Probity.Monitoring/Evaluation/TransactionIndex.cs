using System.Runtime.InteropServices;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The transactions by key. In parts, so that growing moves a part and holds up no decision for long. Not thread safe.
/// </summary>
internal sealed class TransactionIndex
{
    private const int Parts = 256;

    private readonly Dictionary<TransactionKey, Booked>[] _parts =
        [.. Enumerable.Range(0, Parts).Select(_ => new Dictionary<TransactionKey, Booked>())];

    public int Count { get; private set; }

    public Booked? Find(TransactionKey key) => PartOf(key).GetValueOrDefault(key);

    /// <summary>False when the key is taken: nothing changes then.</summary>
    public bool TryAdd(Booked booked)
    {
        var isNew = PartOf(booked.Transaction.Key).TryAdd(booked.Transaction.Key, booked);
        Count += isNew ? 1 : 0;
        return isNew;
    }

    /// <summary>Books a transaction under a number, unless its key is taken.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="number">Its number, if it is new.</param>
    /// <param name="isNew">Whether it is.</param>
    /// <returns>What has the key now.</returns>
    public Booked Book(Transaction transaction, long number, out bool isNew)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(
            PartOf(transaction.Key), transaction.Key, out var isThere);
        isNew = !isThere;
        Count += isNew ? 1 : 0;
        return held ??= new Booked(transaction, number);
    }

    public void Remove(Booked booked) => Count -= PartOf(booked.Transaction.Key).Remove(booked.Transaction.Key) ? 1 : 0;

    /// <summary>All of them, by time and number: in that order a log takes them at its end.</summary>
    public IEnumerable<Booked> InOrder() => _parts.SelectMany(part => part.Values)
        .OrderBy(booked => booked.Micros).ThenBy(booked => booked.Number);

    // Not the hash that the parts use, which the process draws anew; any spread will do.
    private Dictionary<TransactionKey, Booked> PartOf(TransactionKey key)
    {
        var hash = 0u;
        var id = key.Id;
        for (var i = Math.Max(0, id.Length - 8); i < id.Length; i++)
        {
            hash = unchecked((hash * 31) + id[i]);
        }

        return _parts[(hash ^ (hash >> 8)) % Parts];
    }
}

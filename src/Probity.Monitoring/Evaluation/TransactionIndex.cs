namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The numbers of transactions by the mark of their key: the key itself stands in the transaction. Not thread safe.
/// </summary>
/// <param name="transactions">The transactions of the state.</param>
internal sealed class TransactionIndex(NumberedTransactions transactions)
{
    private readonly ProbedTable<uint, int> _numbers = new();

    public int Count => _numbers.Count;

    public Booked? Find(TransactionKey key) => Find(MarkOf(key), key);

    /// <summary>False when the key is taken: nothing changes then.</summary>
    public bool TryAdd(Booked booked) => TryAdd(MarkOf(booked.Transaction.Key), booked.Transaction.Key, booked.Number);

    /// <summary>
    /// False when the key of a transaction is taken: nothing changes then. It is read only where another has the same
    /// mark.
    /// </summary>
    public bool TryAdd(ITransactionPack pack, int place)
    {
        ref readonly var item = ref pack[place];
        if (_numbers.Of(item.KeyMark).MoveNext())
        {
            return TryAdd(item.KeyMark, pack.Open(place).Key, item.Number);
        }

        _numbers.Add(item.KeyMark, checked((int)item.Number));
        return true;
    }

    /// <summary>Books a transaction under a number, unless its key is taken.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="number">Its number, if it is new.</param>
    /// <param name="isNew">Whether it is.</param>
    /// <returns>What has the key now.</returns>
    public Booked Book(Transaction transaction, long number, out bool isNew)
    {
        var mark = MarkOf(transaction.Key);
        if (Find(mark, transaction.Key) is { } held)
        {
            isNew = false;
            return held;
        }

        _numbers.Add(mark, checked((int)number));
        isNew = true;
        return new Booked(transaction, number);
    }

    public void Remove(Booked booked) => _numbers.Remove(MarkOf(booked.Transaction.Key), (int)booked.Number);

    private static uint MarkOf(TransactionKey key) => TransactionKey.MarkOf(key.Source, key.Id);

    private bool TryAdd(uint mark, TransactionKey key, long number)
    {
        if (Find(mark, key) is not null)
        {
            return false;
        }

        _numbers.Add(mark, checked((int)number));
        return true;
    }

    private Booked? Find(uint mark, TransactionKey key)
    {
        foreach (var number in _numbers.Of(mark))
        {
            if (transactions[number] is var held && held.Transaction.Key == key)
            {
                return held;
            }
        }

        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// Writes steps one after another: what the state needs of them and no more, texts and parties that come again by their
/// place. <see cref="PackContent"/> reads it. Not thread safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Both are memory: there is nothing to let go of.")]
internal sealed class PackWriter
{
    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _to;
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<TransactionParty, int> _parties = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private long _ticks;

    public PackWriter() => _to = new BinaryWriter(_bytes, Encoding.UTF8);

    /// <summary>How many steps it holds.</summary>
    public int Steps { get; private set; }

    /// <summary>The entry of the last step; -1 before the first.</summary>
    public long LastSeq { get; private set; } = -1;

    /// <summary>The number of the last step; 0 before the first.</summary>
    public long LastNumber { get; private set; }

    /// <summary>The keys that the steps were sealed under.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    /// <summary>Adds a step; they come in the order of their numbers.</summary>
    public void Add(Step step)
    {
        switch (step)
        {
            case Step.Decided decided:
                Begin(PackContent.Decided, decided.Number);
                Write(decided.Transaction);
                break;
            case Step.Reversed reversed:
                Begin(PackContent.Reversed, reversed.Number);
                Text(reversed.Key.Source);
                _to.Write(reversed.Key.Id);
                break;
            case Step.Activated activated:
                Begin(PackContent.Activated, activated.Number);
                _to.Write(StepEntries.Text(activated.Rules));
                break;
            case Step.Erased erased:
                Begin(PackContent.Erased, erased.Number);
                _to.Write(erased.RecordedAt.UtcTicks);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "There is no other step.");
        }

        Steps++;
        LastSeq = step.Seq;
        if (step is not Step.Erased && step.ContentKey is { } key)
        {
            _keys.Add(key); // Of an erased step nothing is written that its key had opened.
        }
    }

    /// <summary>Says that it covers the ledger up to an entry, though no step may be there.</summary>
    public void Reach(long lastSeq) => LastSeq = lastSeq;

    /// <summary>What was written.</summary>
    public byte[] ToArray()
    {
        _to.Flush();
        return _bytes.ToArray();
    }

    private void Begin(byte kind, long number)
    {
        _to.Write(kind);
        _to.Write7BitEncodedInt64(number - LastNumber);
        LastNumber = number;
    }

    private void Write(Transaction transaction)
    {
        Text(transaction.Key.Source);
        _to.Write(transaction.Key.Id);
        _to.Write7BitEncodedInt64(transaction.OccurredAt.UtcTicks - _ticks);
        _ticks = transaction.OccurredAt.UtcTicks;
        _to.Write(transaction.Amount.Amount);
        Text(transaction.Amount.Currency.Value);
        Write(transaction.Debtor);
        Write(transaction.Creditor);
        Text(transaction.Type);
        Text(transaction.Channel);
        _to.Write((byte)transaction.Status);
        Text(transaction.Narrative);
        _to.Write(transaction.Cash is not null);
        if (transaction.Cash is { } cash)
        {
            Text(cash.Conductor);
            Text(cash.OnBehalfOf);
            Text(cash.Branch);
            _to.Write(cash.IsExchange);
        }

        Text(transaction.Purpose);
        _to.Write(transaction.Location is not null);
        if (transaction.Location is { } location)
        {
            _to.Write(location.Latitude);
            _to.Write(location.Longitude);
        }
    }

    private void Write(TransactionParty party)
    {
        if (_parties.TryGetValue(party, out var place))
        {
            _to.Write7BitEncodedInt(place + 1);
            return;
        }

        _to.Write7BitEncodedInt(0);
        Text(party.Account);
        Text(party.Customer);
        Text(party.Country);
        _parties.Add(party, _parties.Count);
    }

    // 0: none. 1: a new one follows. 2 and more: the place of one before.
    private void Text(string? text)
    {
        if (text is null)
        {
            _to.Write7BitEncodedInt(0);
        }
        else if (_texts.TryGetValue(text, out var place))
        {
            _to.Write7BitEncodedInt(place + 2);
        }
        else
        {
            _to.Write7BitEncodedInt(1);
            _to.Write(text);
            _texts.Add(text, _texts.Count);
        }
    }
}

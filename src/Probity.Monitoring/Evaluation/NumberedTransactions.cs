using Probity.Contracts.Finance;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The transactions of a state by number, in pieces that stay where they are. Logs refer to them by number: what holds
/// no reference is neither followed nor looked through by the collector, which else pauses for every log that was
/// written to (decision record 0076). Those of a pack are made when somebody asks for one, and only the last ones stay,
/// so that asking makes no garbage that grows old. One writer; several may ask between two times it adds.
/// </summary>
internal sealed class NumberedTransactions
{
    private const int PieceSize = 8_192; // 64 KB of references: below what goes to the large objects.

    /// <summary>A decision looks at fewer: of the transactions that were made so many stay at most.</summary>
    private const int Recent = 4_096;

    /// <summary>How far before its first likely place a transaction is looked for first.</summary>
    private const int Near = 15;

    private readonly List<Booked?[]?> _pieces = [];
    private readonly Booked?[] _recent = new Booked?[Recent];
    private readonly List<Pack> _packs = []; // In the order of their numbers.
    private readonly List<CurrencyCode> _currencies = [];
    private readonly Dictionary<string, byte> _types = new(StringComparer.Ordinal);

    /// <summary>
    /// The transaction of a number that is in the state. One of a pack may be another object the next time, unless it
    /// was added.
    /// </summary>
    public Booked this[int number] => Held(number) ?? Made(number); // Logs name no others.

    /// <summary>Adds a transaction; one of a pack when it is no longer what the pack says.</summary>
    /// <exception cref="OverflowException">It has a number of 2³¹ or above: no memory holds as many.</exception>
    public void Add(Booked booked)
    {
        var number = checked((int)booked.Number);
        booked.CurrencyNumber = NumberOf(booked.Transaction.Amount.Currency);
        booked.TypeNumber = NumberOf(booked.Transaction.Type);
        PieceOf(number)[number % PieceSize] = booked;
    }

    /// <summary>Adds a transaction of a pack; those of one pack one after the other.</summary>
    /// <exception cref="OverflowException">As above.</exception>
    public void Add(ITransactionPack pack, int place)
    {
        if (_packs.Count == 0 || !ReferenceEquals(_packs[^1].Content, pack))
        {
            var types = Enumerable.Range(0, pack.Types).Select(type => NumberOf(pack.Type(type)));
            _packs.Add(new Pack(checked((int)pack[place].Number), pack, [.. types]));
        }
    }

    public void Remove(Booked booked) => PieceOf((int)booked.Number)[(int)booked.Number % PieceSize] = null;

    /// <summary>The event of a transaction that is in the state, which is not made for it.</summary>
    public LoggedEvent EventOf(int number)
    {
        if (Held(number) is { } booked)
        {
            return new LoggedEvent(booked);
        }

        var (pack, place) = Find(number);
        return EventOf(pack, place);
    }

    /// <summary>The event of the transaction that was added last, of a pack.</summary>
    public LoggedEvent EventOfLast(int place) => EventOf(_packs[^1], place);

    /// <summary>The currency of a number.</summary>
    public CurrencyCode CurrencyOf(short number) => _currencies[number];

    private Booked? Held(int number) =>
        number / PieceSize < _pieces.Count ? _pieces[number / PieceSize]?[number % PieceSize] : null;

    private Booked Made(int number)
    {
        if (Volatile.Read(ref _recent[number % Recent]) is { } recent && recent.Number == number)
        {
            return recent;
        }

        var (pack, place) = Find(number);
        ref readonly var item = ref pack.Content[place];
        var made = new Booked(pack.Open(place), number)
        {
            CurrencyNumber = NumberOf(item.Currency), TypeNumber = pack.Types[item.Type],
        };
        Volatile.Write(ref _recent[number % Recent], made);
        return made;
    }

    private LoggedEvent EventOf(Pack pack, int place)
    {
        ref readonly var item = ref pack.Content[place];
        return new LoggedEvent(
            checked((int)item.Number), Instants.ToMicros(item.UtcTicks), item.Units, NumberOf(item.Currency),
            pack.Types[item.Type], item.Status);
    }

    private (Pack Pack, int Place) Find(int number)
    {
        var (low, high) = (0, _packs.Count - 1); // The last pack that begins at or before it.
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _packs[middle].First <= number ? (middle, high) : (low, middle - 1);
        }

        var (_, pack, _) = _packs[low];

        // Numbers rise by one at least, and mostly by one.
        var end = Math.Min(number - _packs[low].First, pack.Count - 1);
        var first = Math.Max(0, end - Near);
        if (pack[first].Number > number)
        {
            (first, end) = (0, first);
        }

        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = pack[middle].Number < number ? (middle + 1, end) : (first, middle);
        }

        return (_packs[low], first);
    }

    private Booked?[] PieceOf(int number)
    {
        while (_pieces.Count <= number / PieceSize)
        {
            _pieces.Add(null);
        }

        return _pieces[number / PieceSize] ??= new Booked?[PieceSize];
    }

    /// <summary>The number of a currency.</summary>
    public short NumberOf(CurrencyCode currency)
    {
        var number = _currencies.IndexOf(currency);
        if (number < 0)
        {
            number = _currencies.Count;
            _currencies.Add(currency);
        }

        return (short)number;
    }

    /// <summary>The number of a type; 0 when there were 255 others before.</summary>
    public byte NumberOf(string type)
    {
        if (!_types.TryGetValue(type, out var number) && _types.Count < byte.MaxValue)
        {
            number = (byte)(_types.Count + 1);
            _types.Add(type, number);
        }

        return number;
    }

    /// <summary>A pack.</summary>
    /// <param name="First">The number of its first transaction.</param>
    /// <param name="Content">What it has.</param>
    /// <param name="Types">The numbers of its types, by their places in it.</param>
    private sealed record Pack(int First, ITransactionPack Content, byte[] Types)
    {
        private readonly Lock _oneReader = new();

        public Transaction Open(int place)
        {
            lock (_oneReader)
            {
                return Content.Open(place);
            }
        }
    }
}

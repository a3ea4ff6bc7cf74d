using System.Text;
using System.Text.Json;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// What <see cref="PackWriter"/> wrote. It is read through once, which makes no transaction; one is made of its bytes
/// when it is asked for. Not thread safe.
/// </summary>
internal sealed class PackContent : ITransactionPack
{
    public const byte Decided = 1;
    public const byte Reversed = 2;
    public const byte Activated = 3;
    public const byte Erased = 4;

    /// <summary>Longer ids than a key may have are not read on the stack.</summary>
    private const int LongestId = 512;

    private const int Shared = 64;

    private readonly byte[] _content;
    private readonly List<int> _texts = []; // Where each stands.
    private readonly List<string?> _made = []; // Those that were asked for.
    private readonly List<TransactionParty> _parties = [];
    private readonly List<int> _types = []; // Where each stands among the texts.
    private readonly PackedTransaction[] _transactions;
    private readonly int[] _places; // Where the members of each transaction begin in the content.
    private readonly List<(Step Step, int Before)> _others = []; // And how many transactions come before it.
    private long _number;
    private long _ticks;
    private (int? Text, CurrencyCode Code) _currency; // Of the transaction before.

    private PackContent(byte[] content, int steps)
    {
        _content = content;
        _transactions = new PackedTransaction[steps];
        _places = new int[steps];
    }

    /// <summary>How many transactions it has.</summary>
    public int Count { get; private set; }

    public int Parties => _parties.Count;

    public int Types => _types.Count;

    public ref readonly PackedTransaction this[int place] => ref _transactions[place];

    /// <summary>
    /// Its other steps in order, each with the number of transactions that come before it; where they stand in the
    /// ledger is not told, the last one apart.
    /// </summary>
    public IReadOnlyList<(Step Step, int Before)> Others => _others;

    /// <summary>Reads a pack.</summary>
    /// <exception cref="InvalidDataException">It is no content of a pack.</exception>
    public static PackContent Read(PackRow row, byte[] content)
    {
        try
        {
            var pack = new PackContent(content, row.Steps);
            var reader = new PackReader(content, 0);
            for (var step = 0; step < row.Steps; step++)
            {
                pack.Take(ref reader, row.LastSeq);
            }

            if (reader.At != content.Length)
            {
                throw new InvalidDataException("There is more in a pack than its steps.");
            }

            pack.Trim();
            return pack;
        }
        catch (Exception broken) when (broken is FormatException or ArgumentException or OverflowException
            or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException("A pack is broken.", broken);
        }
    }

    public TransactionParty Party(int place) => _parties[place];

    public string Type(int place) => Value(_types[place])!; // Each is there.

    public Transaction Open(int place)
    {
        ref readonly var item = ref _transactions[place];
        var reader = new PackReader(_content, _places[place]);
        var key = new TransactionKey(Required(ref reader), reader.Text());
        reader.Long(); // When it was: the difference to the one before.
        var amount = new Money(reader.Decimal(), item.Currency);
        Text(ref reader);
        SkipParty(ref reader);
        SkipParty(ref reader);
        return new Transaction
        {
            Key = key,
            OccurredAt = new DateTimeOffset(item.UtcTicks, TimeSpan.Zero),
            Amount = amount,
            Debtor = _parties[item.Debtor],
            Creditor = _parties[item.Creditor],
            Type = Required(ref reader),
            Channel = Text(ref reader),
            Status = (TransactionStatus)reader.Byte(),
            Narrative = Text(ref reader),
            Cash = reader.Bool()
                ? new CashFacts(Text(ref reader), Text(ref reader), Text(ref reader), reader.Bool())
                : null,
            Purpose = Text(ref reader),
            Location = reader.Bool() ? new GeoPoint(reader.Decimal(), reader.Decimal()) : null,
        };
    }

    // It stays as long as the state does. Of the texts the first stay made: what all transactions share is among them.
    private void Trim()
    {
        _made.RemoveRange(Math.Min(Shared, _made.Count), Math.Max(0, _made.Count - Shared));
        _made.TrimExcess();
        _texts.TrimExcess();
        _parties.TrimExcess();
        _types.TrimExcess();
    }

    private void Take(ref PackReader reader, long seq)
    {
        var kind = reader.Byte();
        _number += reader.Long();
        if (kind == Decided)
        {
            TakeTransaction(ref reader);
            return;
        }

        _others.Add((
            kind switch
            {
                Reversed => new Step.Reversed(_number, new TransactionKey(NextRequired(ref reader), reader.Text()))
                {
                    Seq = seq, RecordedAt = default,
                },
                Activated => new Step.Activated(_number, StepEntries.Rules(reader.Text()))
                {
                    Seq = seq, RecordedAt = default,
                },
                Erased => new Step.Erased(_number)
                {
                    Seq = seq, RecordedAt = new DateTimeOffset(reader.Fixed(), TimeSpan.Zero),
                },
                _ => throw new InvalidDataException("There is no such kind of step."),
            },
            Count));
    }

    private void TakeTransaction(ref PackReader reader)
    {
        _places[Count] = reader.At;
        var mark = MarkOf(NextRequired(ref reader), reader.Utf8());
        _ticks += reader.Long();
        var (amount, currency) = (reader.Decimal(), Currency(NextText(ref reader)));
        var (debtor, creditor) = (NextParty(ref reader), NextParty(ref reader));
        var type = NextType(ref reader);
        NextText(ref reader); // The channel.
        var status = (TransactionStatus)reader.Byte();
        SkipRest(ref reader);
        _transactions[Count++] = new PackedTransaction
        {
            Number = _number,
            UtcTicks = new DateTime(_ticks).Ticks, // Those of an instant, or it is refused.
            Units = PackedTransaction.ToUnits(amount),
            Currency = currency,
            Type = type,
            Debtor = debtor,
            Creditor = creditor,
            KeyMark = mark,
            Status = status,
        };
    }

    private void SkipRest(ref PackReader reader)
    {
        NextText(ref reader); // The narrative.
        if (reader.Bool())
        {
            NextText(ref reader);
            NextText(ref reader);
            NextText(ref reader);
            reader.Bool();
        }

        NextText(ref reader); // The purpose.
        if (reader.Bool())
        {
            reader.Decimal();
            reader.Decimal();
        }
    }

    private static uint MarkOf(string source, ReadOnlySpan<byte> id)
    {
        if (id.Length > LongestId)
        {
            return TransactionKey.MarkOf(source, Encoding.UTF8.GetString(id));
        }

        Span<char> letters = stackalloc char[LongestId];
        return TransactionKey.MarkOf(source, letters[..Encoding.UTF8.GetChars(id, letters)]);
    }

    /// <summary>Reads a party while all is read through, and returns its place.</summary>
    private int NextParty(ref PackReader reader)
    {
        var place = reader.Int();
        if (place != 0)
        {
            return place > 0 && place <= _parties.Count ? place - 1 : throw Missing();
        }

        _parties.Add(SharedTexts.Of(new TransactionParty(
            Value(NextText(ref reader)), Value(NextText(ref reader)), Value(NextText(ref reader)))));
        return _parties.Count - 1;
    }

    private ushort NextType(ref PackReader reader)
    {
        var text = NextText(ref reader);
        if (text < 0)
        {
            throw Missing(); // It has one.
        }

        var place = _types.IndexOf(text);
        if (place < 0)
        {
            place = _types.Count;
            _types.Add(text);
        }

        return checked((ushort)place);
    }

    private static void SkipParty(ref PackReader reader)
    {
        if (reader.Int() > 0)
        {
            return;
        }

        for (var text = 0; text < 3; text++)
        {
            if (reader.Int() == 1)
            {
                reader.Utf8();
            }
        }
    }

    // Most are in the currency of the one before.
    private CurrencyCode Currency(int text)
    {
        if (text != _currency.Text)
        {
            _currency = (text, CurrencyCode.Parse(Value(text) ?? throw Missing()));
        }

        return _currency.Code;
    }

    private string NextRequired(ref PackReader reader) => Value(NextText(ref reader)) ?? throw Missing();

    private string? Value(int text)
    {
        if (text < 0)
        {
            return null;
        }

        return text < _made.Count
            ? _made[text] ??= Made(text)
            : Made(text);
    }

    /// <summary>Reads a text while all is read through, and returns its place; below 0 for none.</summary>
    private int NextText(ref PackReader reader)
    {
        var place = reader.Int();
        if (place == 1)
        {
            _texts.Add(reader.At);
            _made.Add(null);
            reader.Utf8();
            return _texts.Count - 1;
        }

        return place == 0 ? -1
            : place > 1 && place - 2 < _texts.Count ? place - 2
            : throw Missing();
    }

    private string Required(ref PackReader reader) => Text(ref reader) ?? throw Missing();

    /// <summary>Reads a text of a transaction that was read through before.</summary>
    private string? Text(ref PackReader reader)
    {
        var place = reader.Int();
        return place switch
        {
            1 => SharedTexts.Of(reader.Text()), // It stands here for the first time.
            0 => null,
            _ => Value(place - 2),
        };
    }

    private string Made(int text) => SharedTexts.Of(new PackReader(_content, _texts[text]).Text());

    private static InvalidDataException Missing() => new("A text or a party of a pack is missing.");
}

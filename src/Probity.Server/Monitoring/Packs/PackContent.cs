using System.Text;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Packs;

/// <summary>Reads what <see cref="PackWriter"/> wrote. Used once; not thread safe.</summary>
internal sealed class PackContent : IDisposable
{
    public const byte Decided = 1;
    public const byte Reversed = 2;
    public const byte Activated = 3;
    public const byte Erased = 4;

    private readonly BinaryReader _from;
    private readonly List<string> _texts = [];
    private readonly List<TransactionParty> _parties = [];
    private readonly Dictionary<string, CurrencyCode> _currencies = new(StringComparer.Ordinal);
    private long _number;
    private long _ticks;

    private PackContent(byte[] content) => _from = new BinaryReader(new MemoryStream(content), Encoding.UTF8);

    public void Dispose() => _from.Dispose();

    /// <summary>Reads the steps of a pack; where they stand in the ledger is not told, the last one apart.</summary>
    /// <exception cref="InvalidDataException">It is no content of a pack.</exception>
    public static IReadOnlyList<Step> Read(PackRow row, byte[] content)
    {
        try
        {
            using var reader = new PackContent(content);
            var steps = new List<Step>(row.Steps);
            while (steps.Count < row.Steps)
            {
                steps.Add(reader.Next(row.LastSeq));
            }

            return reader._from.BaseStream.Position == content.Length
                ? steps
                : throw new InvalidDataException("There is more in a pack than its steps.");
        }
        catch (Exception broken) when (broken is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("A pack is broken.", broken);
        }
    }

    private Step Next(long seq)
    {
        var kind = _from.ReadByte();
        _number += _from.Read7BitEncodedInt64();
        return kind switch
        {
            Decided => new Step.Decided(_number, Transaction(), PartyFacts.None, [])
            {
                Seq = seq, RecordedAt = default,
            },
            Reversed => new Step.Reversed(_number, new TransactionKey(Required(), _from.ReadString()))
            {
                Seq = seq, RecordedAt = default,
            },
            Activated => new Step.Activated(_number, StepEntries.Rules(_from.ReadString()))
            {
                Seq = seq, RecordedAt = default,
            },
            Erased => new Step.Erased(_number)
            {
                Seq = seq, RecordedAt = new DateTimeOffset(_from.ReadInt64(), TimeSpan.Zero),
            },
            _ => throw new InvalidDataException("There is no such kind of step."),
        };
    }

    private Transaction Transaction() => new()
    {
        Key = new TransactionKey(Required(), _from.ReadString()),
        OccurredAt = new DateTimeOffset(_ticks += _from.Read7BitEncodedInt64(), TimeSpan.Zero),
        Amount = new Money(_from.ReadDecimal(), Currency(Required())),
        Debtor = Party(),
        Creditor = Party(),
        Type = Required(),
        Channel = Text(),
        Status = (TransactionStatus)_from.ReadByte(),
        Narrative = Text(),
        Cash = _from.ReadBoolean() ? new CashFacts(Text(), Text(), Text(), _from.ReadBoolean()) : null,
        Purpose = Text(),
        Location = _from.ReadBoolean() ? new GeoPoint(_from.ReadDecimal(), _from.ReadDecimal()) : null,
    };

    private TransactionParty Party()
    {
        var place = _from.Read7BitEncodedInt();
        if (place > 0)
        {
            return _parties[place - 1];
        }

        var party = SharedTexts.Of(new TransactionParty(Text(), Text(), Text()));
        _parties.Add(party);
        return party;
    }

    private CurrencyCode Currency(string code)
    {
        if (!_currencies.TryGetValue(code, out var currency))
        {
            currency = CurrencyCode.Parse(code);
            _currencies.Add(code, currency);
        }

        return currency;
    }

    private string Required() => Text() ?? throw new InvalidDataException("A text of a pack is missing.");

    private string? Text()
    {
        var place = _from.Read7BitEncodedInt();
        if (place > 1)
        {
            return _texts[place - 2];
        }

        if (place == 0)
        {
            return null;
        }

        var text = SharedTexts.Of(_from.ReadString());
        _texts.Add(text);
        return text;
    }
}

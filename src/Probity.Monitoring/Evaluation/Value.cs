using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Probity.Contracts.Finance;

namespace Probity.Monitoring.Evaluation;

/// <summary>What a value is; also the types that rules are checked for.</summary>
internal enum ValueKind : byte
{
    Unknown,
    Truth,
    Number,
    Money,
    Text,
}

/// <summary>Why a value is not known. An unknown is never 0 and never false.</summary>
internal enum UnknownReason : byte
{
    None,

    /// <summary>The transaction or the facts do not have the field.</summary>
    MissingField,

    /// <summary>No rate is young enough.</summary>
    NoRate,

    /// <summary>Fewer transactions than the rule asks for.</summary>
    InsufficientHistory,

    /// <summary>A deviation of nothing, or a division by zero.</summary>
    NoVariance,

    /// <summary>A number left the range of exact decimals.</summary>
    OutOfRange,

    /// <summary>A bounded search stopped at its bound without an answer.</summary>
    SearchBound,
}

/// <summary>One value in a rule: exact decimals, no floating point.</summary>
internal readonly record struct Value
{
    private static readonly Value s_true = new(ValueKind.Truth, 1, null, default, UnknownReason.None, true);
    private static readonly Value s_false = new(ValueKind.Truth, 0, null, default, UnknownReason.None);

    private Value(
        ValueKind kind, decimal number, string? text, CurrencyCode currency, UnknownReason reason, bool isTrue = false)
    {
        IsTrue = isTrue;
        Kind = kind;
        Number = number;
        Text = text;
        Currency = currency;
        Reason = reason;
    }

    public ValueKind Kind { get; }

    /// <summary>The number, the amount, or 1 for true.</summary>
    public decimal Number { get; }

    public string? Text { get; }

    public CurrencyCode Currency { get; }

    public UnknownReason Reason { get; }

    public bool IsUnknown => Kind == ValueKind.Unknown;

    /// <summary>Whether it is the truth; asked for far more often than the number.</summary>
    public bool IsTrue { get; }

    public Money Money => new(Number, Currency);

    public static Value Of(decimal number) => new(ValueKind.Number, number, null, default, UnknownReason.None);

    public static Value Of(bool truth) => truth ? s_true : s_false;

    public static Value Of(Money money) =>
        new(ValueKind.Money, money.Amount, null, money.Currency, UnknownReason.None);

    public static Value Of(string? text) => text is null
        ? Unknown(UnknownReason.MissingField)
        : new Value(ValueKind.Text, 0, text, default, UnknownReason.None);

    public static Value Unknown(UnknownReason reason) => new(ValueKind.Unknown, 0, null, default, reason);

    /// <summary>The same number with the same kind of unit as another value.</summary>
    public static Value Like(Value unit, decimal number) =>
        unit.Kind == ValueKind.Money ? Of(new Money(number, unit.Currency)) : Of(number);

    /// <summary>
    /// The form of the decision record and of explanations: without trailing zeros for plain numbers.
    /// </summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Truth => Number == 1 ? "true" : "false",
        ValueKind.Number => Plain(Number),
        ValueKind.Money when Money.FitsMinorUnits => Money.ToString(),
        ValueKind.Money => Plain(Number) + " " + Currency,
        ValueKind.Text => Text ?? string.Empty,
        _ => "unknown: " + Wire(Reason),
    };

    /// <summary>
    /// Writes what <see cref="ToString"/> returns, which is ASCII, where it is a number or an amount.
    /// </summary>
    /// <returns>How many bytes; -1 when it must be written as text.</returns>
    public int WriteTo(Span<byte> to) => Kind switch
    {
        ValueKind.Number when decimal.IsInteger(Number) && Math.Abs(Number) < long.MaxValue =>
            Utf8Formatter.TryFormat(decimal.ToInt64(Number), to, out var written) ? written : -1,
        ValueKind.Money => WriteMoney(to),
        _ => -1,
    };

    private int WriteMoney(Span<byte> to)
    {
        const decimal Most = 900_000_000_000_000m; // In ten-thousandths within 64 bits.
        var places = Currency.MinorUnits;
        var scale = places switch { 0 => 1, 2 => 100, 3 => 1_000, 4 => 10_000, _ => 0 };
        if (scale == 0 || Number >= Most || Number < 0)
        {
            return -1;
        }

        var scaled = Number * scale;
        if (!decimal.IsInteger(scaled))
        {
            return -1;
        }

        var (whole, rest) = Math.DivRem(decimal.ToInt64(scaled), scale);
        Utf8Formatter.TryFormat(whole, to, out var at);
        if (places > 0)
        {
            to[at++] = (byte)'.';
            Utf8Formatter.TryFormat(rest, to[at..], out _, new StandardFormat('D', (byte)places));
            at += places;
        }

        to[at++] = (byte)' ';
        return at + Encoding.ASCII.GetBytes(Currency.Value, to[at..]);
    }

    // Most are counts: whole numbers have the same text, faster.
    private static string Plain(decimal number) => decimal.IsInteger(number) && Math.Abs(number) < long.MaxValue
        ? decimal.ToInt64(number).ToString(CultureInfo.InvariantCulture)
        : number.ToString("0.############################", CultureInfo.InvariantCulture);

    public static string Wire(UnknownReason reason) => reason switch
    {
        UnknownReason.None => "none",
        UnknownReason.MissingField => "missing_field",
        UnknownReason.NoRate => "no_rate",
        UnknownReason.InsufficientHistory => "insufficient_history",
        UnknownReason.NoVariance => "no_variance",
        UnknownReason.OutOfRange => "out_of_range",
        UnknownReason.SearchBound => "search_bound",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}

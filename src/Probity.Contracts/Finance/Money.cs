using System.Globalization;

namespace Probity.Contracts.Finance;

/// <summary>An exact amount in one currency. Amounts of different currencies are never equal. Thread safe.</summary>
/// <param name="Amount">The amount in major units, such as 10000.01.</param>
/// <param name="Currency">Its currency.</param>
public readonly record struct Money(decimal Amount, CurrencyCode Currency)
{
    /// <summary>Gets whether the amount has no more decimal places than its currency.</summary>
    public bool FitsMinorUnits => decimal.Round(Amount, Currency.MinorUnits) == Amount;

    /// <summary>Rounds to the minor units of the currency; a half goes to the even neighbour (IEEE 754).</summary>
    public Money RoundHalfEven() =>
        this with { Amount = decimal.Round(Amount, Currency.MinorUnits, MidpointRounding.ToEven) };

    /// <summary>
    /// Returns the amount as the wire has it: with all places of the currency, such as <c>10000.00</c>.
    /// </summary>
    public string ToWire() =>
        Amount.ToString("F" + Currency.MinorUnits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Returns amount and code, such as <c>10000.00 USD</c>.</summary>
    public override string ToString() => ToWire() + " " + Currency;
}

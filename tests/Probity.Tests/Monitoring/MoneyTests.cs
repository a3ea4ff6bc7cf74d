using Probity.Contracts.Finance;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Amounts are exact and have the places of their currency.</summary>
public sealed class MoneyTests
{
    [Theory]
    [InlineData("USD", 2, "10000.00")]
    [InlineData("JPY", 0, "10000")]
    [InlineData("KWD", 3, "10000.000")]
    [InlineData("CLF", 4, "10000.0000")]
    public void A_currency_has_its_minor_units(string code, int minorUnits, string wire)
    {
        var currency = CurrencyCode.Parse(code);

        Assert.Equal(minorUnits, currency.MinorUnits);
        Assert.Equal(wire, new Money(10_000m, currency).ToWire());
    }

    [Theory]
    [InlineData("usd")]
    [InlineData("XBT")]
    [InlineData("")]
    [InlineData(null)]
    public void What_the_standard_does_not_list_is_no_currency(string? code)
    {
        Assert.False(CurrencyCode.TryParse(code, out var currency));
        Assert.Equal(default, currency);
        Assert.Throws<InvalidOperationException>(() => currency.Value);
    }

    [Theory]
    [InlineData("1.005", "1.00")]
    [InlineData("1.015", "1.02")]
    [InlineData("1.0151", "1.02")]
    public void A_half_goes_to_the_even_neighbour(string amount, string expected)
    {
        var money = new Money(
            decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), CurrencyCode.Parse("USD"));

        Assert.False(money.FitsMinorUnits);
        Assert.Equal(expected, money.RoundHalfEven().ToWire());
    }
}

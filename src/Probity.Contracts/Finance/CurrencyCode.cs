using System.Collections.Frozen;

namespace Probity.Contracts.Finance;

/// <summary>
/// A currency as ISO 4217 names it, with the minor units that the standard gives it. The default is no currency and
/// has no <see cref="Value"/>. Thread safe.
/// </summary>
/// <remarks>Source: ISO 4217:2015, list one (current currencies and funds), amendment 177.</remarks>
public readonly record struct CurrencyCode
{
    private const string TwoPlaces =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP " +
        "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR " +
        "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN " +
        "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP " +
        "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    private const string NoPlaces = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";

    private static readonly FrozenDictionary<string, int> s_minorUnits = MinorUnitTable();

    private readonly string? _value;

    private CurrencyCode(string value) => _value = value;

    /// <summary>Gets the three capital letters, such as <c>USD</c>.</summary>
    /// <exception cref="InvalidOperationException">This is the default, which is no currency.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The default is no currency.");

    /// <summary>Gets how many decimal places an amount has at most, 0 to 4 (ISO 4217, minor unit).</summary>
    /// <exception cref="InvalidOperationException">This is the default, which is no currency.</exception>
    public int MinorUnits => s_minorUnits[Value];

    /// <summary>Reads a code; capital letters only.</summary>
    /// <param name="text">Three letters, or null.</param>
    /// <param name="currency">The currency, or the default when the answer is false.</param>
    /// <returns>Whether the standard lists the code.</returns>
    public static bool TryParse(string? text, out CurrencyCode currency)
    {
        var isKnown = text is not null && s_minorUnits.ContainsKey(text);
        currency = isKnown ? new CurrencyCode(text!) : default; // Known is not null.
        return isKnown;
    }

    /// <summary>Reads a code; capital letters only.</summary>
    /// <exception cref="FormatException">The standard lists no such code.</exception>
    public static CurrencyCode Parse(string text) => TryParse(text, out var currency)
        ? currency
        : throw new FormatException("The currency is no current ISO 4217 code; write three capital letters.");

    /// <summary>Returns the code, or an empty text for the default.</summary>
    public override string ToString() => _value ?? string.Empty;

    private static FrozenDictionary<string, int> MinorUnitTable()
    {
        var table = new Dictionary<string, int>(StringComparer.Ordinal);
        Fill(table, TwoPlaces, 2);
        Fill(table, NoPlaces, 0);
        Fill(table, "BHD IQD JOD KWD LYD OMR TND", 3);
        Fill(table, "CLF UYW", 4);
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Fill(Dictionary<string, int> table, string codes, int minorUnits)
    {
        foreach (var code in codes.Split(' '))
        {
            table.Add(code, minorUnits);
        }
    }
}

using Probity.Screening.Lists.Values;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Check digits: a number from a register is valid, and no longer when one digit is changed.</summary>
public sealed class IdentifierCheckTests
{
    [Theory]
    [InlineData(IdentifierKind.Imo, "IMO 9074729", null)]
    [InlineData(IdentifierKind.Imo, "9187629", null)]
    [InlineData(IdentifierKind.Lei, "5493001KJTIIGC8Y1R12", null)]
    [InlineData(IdentifierKind.Iban, "DE89 3704 0044 0532 0130 00", null)]
    [InlineData(IdentifierKind.Isin, "US0378331005", null)]
    [InlineData(IdentifierKind.TaxId, "7707083893", "RU")]
    [InlineData(IdentifierKind.TaxId, "500100732259", "RU")]
    [InlineData(IdentifierKind.Registration, "1027700132195", "RU")]
    public void A_real_number_is_valid_and_a_mistyped_one_is_not(IdentifierKind kind, string value, string? country)
    {
        Assert.Equal(CheckDigits.Valid, IdentifierChecks.Of(kind, value, country));
        var at = value.LastIndexOfAny(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        var bent = value[..at] + (char)('0' + ((value[at] - '0' + 1) % 10)) + value[(at + 1)..];
        Assert.Equal(CheckDigits.Invalid, IdentifierChecks.Of(kind, bent, country));
    }

    [Theory]
    [InlineData(IdentifierKind.Bic, "SABRRUMM", CheckDigits.Valid)]
    [InlineData(IdentifierKind.Bic, "SABRRUMM011", CheckDigits.Valid)]
    [InlineData(IdentifierKind.Bic, "SABRZZMM", CheckDigits.Invalid)]
    [InlineData(IdentifierKind.Bic, "SABRRUMM0", CheckDigits.Invalid)]
    [InlineData(IdentifierKind.Mmsi, "572469210", CheckDigits.Valid)]
    [InlineData(IdentifierKind.Mmsi, "57246921", CheckDigits.Invalid)]
    [InlineData(IdentifierKind.Passport, "A755350", CheckDigits.None)]
    [InlineData(IdentifierKind.TaxId, "7707083893", CheckDigits.None)]
    public void Forms_are_checked_where_a_rule_exists(IdentifierKind kind, string value, CheckDigits expected) =>
        Assert.Equal(expected, IdentifierChecks.Of(kind, value));

    [Theory]
    [InlineData("Iran", "IR")]
    [InlineData("Iran (Islamic Republic of)", "IR")]
    [InlineData("Democratic People's Republic of Korea", "KP")]
    [InlineData("Korea, North", "KP")]
    [InlineData("Afghan", "AF")]
    [InlineData("Afghanistan (since 2009)", "AF")]
    [InlineData("Congo, Democratic Republic of the", "CD")]
    [InlineData("IRQ", "IQ")]
    [InlineData("ru", "RU")]
    [InlineData("Cote d Ivoire", "CI")]
    [InlineData("Atlantis", null)]
    [InlineData("", null)]
    public void A_country_is_found_by_what_lists_call_it(string text, string? code) =>
        Assert.Equal(code, Countries.CodeOf(text));

    [Theory]
    [InlineData("Vladimir", NameScript.Latin)]
    [InlineData("Владимир", NameScript.Cyrillic)]
    [InlineData("القاعدة", NameScript.Arabic)]
    [InlineData("ﺻﺍﻠﺡ", NameScript.Arabic)]
    [InlineData("习近平", NameScript.Han)]
    [InlineData("김정은", NameScript.Hangul)]
    [InlineData("オウム真理教", NameScript.Kana)]
    [InlineData("Δημήτρης", NameScript.Greek)]
    [InlineData("דוד", NameScript.Hebrew)]
    [InlineData("123-45", NameScript.None)]
    [InlineData("Al-Qaida القاعدة في", NameScript.Arabic)]
    public void A_script_is_found_by_most_letters(string text, NameScript script) =>
        Assert.Equal(script, NameScripts.Of(text));
}

using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Contracts.Problems;

namespace Probity.Server.Customers;

/// <summary>What due diligence must be like to be kept. Pure.</summary>
internal static class DueDiligenceRules
{
    private const string Place = "/due_diligence";
    private const int MaxWord = 64;
    private const int MaxText = 500;
    private const int MaxDocuments = 20;

    private static readonly string[] s_levels = ["simplified", "standard", "enhanced"];
    private static readonly string[] s_ratings = ["low", "medium", "high"];

    private static readonly string[] s_channels = ["branch", "online", "agent", "introducer"];

    private static readonly string[] s_adverse =
        ["adverse_media", "conviction", "law_enforcement_request", "refused_elsewhere", "regulatory_action"];

    private static readonly string[] s_documents =
        ["passport", "national_id", "driving_licence", "residence_permit", "register_extract"];

    /// <summary>Every fault of what is told; none when nothing is.</summary>
    public static IEnumerable<ProblemFault> Faults(CustomerDueDiligence? told)
    {
        if (told is null)
        {
            return [];
        }

        return Checks(told).Where(check => !check.IsSound)
            .Select(check => new ProblemFault(Place + check.Pointer, ErrorCodes.RequestBadField.Code, check.Rule));
    }

    /// <summary>The faults of accounts that only due diligence tells of.</summary>
    public static bool IsAccount(CustomerAccount account) =>
        IsDay(account.OpenedOn) && IsShort(account.Product, MaxWord);

    private static IEnumerable<(string Pointer, bool IsSound, string Rule)> Checks(CustomerDueDiligence told)
    {
        yield return ("/level", IsOneOf(told.Level, s_levels), OneOf(s_levels));
        yield return ("/rating", IsOneOf(told.Rating, s_ratings), OneOf(s_ratings));
        yield return ("/segment", IsShort(told.Segment, MaxWord), Length(MaxWord));
        yield return ("/industry", IsShort(told.Industry, MaxWord), Length(MaxWord));
        yield return ("/source_of_funds", IsShort(told.SourceOfFunds, MaxText), Length(MaxText));
        yield return ("/source_of_wealth", IsShort(told.SourceOfWealth, MaxText), Length(MaxText));
        yield return ("/purpose", IsShort(told.Purpose, MaxText), Length(MaxText));
        yield return ("/channel", IsOneOf(told.Channel, s_channels), OneOf(s_channels));
        yield return ("/adverse",
            told.Adverse.Count <= s_adverse.Length && told.Adverse.All(word => IsOneOf(word, s_adverse)),
            OneOf(s_adverse));
        yield return ("/onboarded_on", IsDay(told.OnboardedOn), "Write a day as 2026-03-02.");
        yield return ("/review_due_on", IsDay(told.ReviewDueOn), "Write a day as 2026-03-02.");
        yield return ("/expected_monthly", IsMoney(told.ExpectedMonthly),
            "amount is a decimal text above 0 with a point; currency is ISO 4217.");
        yield return ("/documents", told.Documents.Count <= MaxDocuments, $"Give {MaxDocuments} at most.");
        for (var i = 0; i < told.Documents.Count; i++)
        {
            yield return (FormattableString.Invariant($"/documents/{i}"), IsDocument(told.Documents[i]),
                OneOf(s_documents) + " number has 1 to 128 characters, country is ISO 3166-1 alpha-2, days are "
                + "2026-03-02, and it does not end before it was issued.");
        }
    }

    private static bool IsDocument(CustomerIdentityDocument document) =>
        s_documents.Contains(document.Kind, StringComparer.Ordinal) && IsShort(document.Number, 128)
        && (document.Country is null
            || (document.Country.Length == 2 && document.Country.All(char.IsAsciiLetterUpper)))
        && IsDay(document.IssuedOn) && IsDay(document.ExpiresOn)
        && string.CompareOrdinal(document.IssuedOn ?? "", document.ExpiresOn ?? "9") <= 0;

    private static bool IsMoney(CustomerMoney? money) =>
        money is null || (CurrencyCode.TryParse(money.Currency, out _)
            && decimal.TryParse(
                money.Amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && amount is > 0 and < 1_000_000_000_000m);

    private static bool IsDay(string? day) => day is null || (day.Length == 10 && CustomerRules.IsDate(day));

    private static bool IsOneOf(string? word, string[] words) =>
        word is null || words.Contains(word, StringComparer.Ordinal);

    private static bool IsShort(string? text, int most) =>
        text is null || (text.Length > 0 && text.Length <= most && !text.Any(char.IsControl));

    private static string OneOf(string[] words) => $"Use one of {string.Join(", ", words)}.";

    private static string Length(int most) => $"Give 1 to {most} characters, or leave it out.";
}

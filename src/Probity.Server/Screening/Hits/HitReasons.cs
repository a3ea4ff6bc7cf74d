namespace Probity.Server.Screening.Hits;

/// <summary>Why a hit is no match, as codes that can be counted.</summary>
internal static class HitReasons
{
    /// <summary>Every code with its meaning.</summary>
    public static IReadOnlyList<(string Code, string Meaning)> FalsePositive { get; } =
    [
        ("name_only", "Only the name is alike, and it is common"),
        ("name_differs", "The names are not the same name"),
        ("birth_date_differs", "Born on another day"),
        ("country_differs", "Of another country"),
        ("identifier_differs", "Other documents or registrations"),
        ("gender_differs", "Of the other gender"),
        ("kind_differs", "A person is not an organisation"),
        ("documented_other", "Documents prove another person"),
    ];

    public static bool IsKnown(string code) => FalsePositive.Any(reason => reason.Code == code);
}

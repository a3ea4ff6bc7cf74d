using System.Collections.Immutable;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Server.Screening.Batch;

/// <summary>Reads the cells of a table of queries: kinds, dates, countries, identifiers.</summary>
internal static class QueryCells
{
    private static readonly Dictionary<string, EntityKind> s_kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = EntityKind.Unknown, ["any"] = EntityKind.Unknown, ["unknown"] = EntityKind.Unknown,
        ["person"] = EntityKind.Person, ["individual"] = EntityKind.Person,
        ["organization"] = EntityKind.Organisation, ["organisation"] = EntityKind.Organisation,
            ["company"] = EntityKind.Organisation,
        ["entity"] = EntityKind.Organisation, ["legalentity"] = EntityKind.Organisation,
            ["business"] = EntityKind.Organisation,
        ["vessel"] = EntityKind.Vessel, ["ship"] = EntityKind.Vessel,
        ["aircraft"] = EntityKind.Aircraft, ["airplane"] = EntityKind.Aircraft, ["plane"] = EntityKind.Aircraft,
    };

    /// <summary>Reads a kind; false for a word that is none.</summary>
    public static bool TryKind(string text, out EntityKind kind) => s_kinds.TryGetValue(text, out kind);

    /// <summary>Reads a date as YYYY, YYYY-MM, YYYY-MM-DD or "26 Mar 1990"; null for "" and for what is none.</summary>
    public static PartialDate? Date(string text) => DateText.TryParsePartial(text, out var date) ? date : null;

    /// <summary>Reads countries, semicolons between, as ISO codes or names; what is none is left out.</summary>
    public static ImmutableArray<string> Countries(string text) =>
        [.. Parts(text).Select(Probity.Screening.Lists.Values.Countries.CodeOf).OfType<string>()];

    /// <summary>Splits at semicolons and bars.</summary>
    public static ImmutableArray<string> Parts(string text) =>
        [.. text.Split([';', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

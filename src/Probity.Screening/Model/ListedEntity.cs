using System.Collections.Immutable;

namespace Probity.Screening.Model;

/// <summary>One entry of a sanctions or watch list, in the shape that all formats share.</summary>
/// <remarks>
/// Immutable and safe for use from several threads. Lists keep the order of the source and hold no duplicates;
/// empty means that the list says nothing. Equality of records does not look into the lists: compare entities with
/// the semantic diff.
/// </remarks>
public sealed record ListedEntity
{
    /// <summary>Gets the list it is on.</summary>
    public required ListId List { get; init; }

    /// <summary>Gets the list's own id of the entry, unique within the list.</summary>
    /// <remarks>OFAC <c>ent_num</c>, UN <c>REFERENCE_NUMBER</c>, UK Group ID, EU logical id.</remarks>
    public required string Uid { get; init; }

    /// <summary>Gets what it is.</summary>
    public EntityKind Kind { get; init; }

    /// <summary>Gets the names, primary names first; empty only for addresses and wallets.</summary>
    public ImmutableArray<ListedName> Names { get; init; } = [];

    /// <summary>Gets dates of birth, death, foundation and building.</summary>
    public ImmutableArray<ListedDate> Dates { get; init; } = [];

    /// <summary>Gets passports, registrations, ship numbers, wallets and other identifiers.</summary>
    public ImmutableArray<ListedIdentifier> Identifiers { get; init; } = [];

    /// <summary>Gets nationalities, flags and other countries, addresses apart.</summary>
    public ImmutableArray<ListedCountry> Countries { get; init; } = [];

    /// <summary>Gets the addresses.</summary>
    public ImmutableArray<ListedAddress> Addresses { get; init; } = [];

    /// <summary>Gets the places of birth.</summary>
    public ImmutableArray<ListedAddress> BirthPlaces { get; init; } = [];

    /// <summary>Gets the gender.</summary>
    public Gender Gender { get; init; }

    /// <summary>Gets the sanctions programmes or regimes, as the list writes them.</summary>
    public ImmutableArray<string> Programmes { get; init; } = [];

    /// <summary>Gets ties to other entities.</summary>
    public ImmutableArray<ListedLink> Links { get; init; } = [];

    /// <summary>Gets functions, titles and positions.</summary>
    public ImmutableArray<string> Positions { get; init; } = [];

    /// <summary>Gets the type of vessel or aircraft, or of organisation, as the list writes it, or null.</summary>
    public string? Subtype { get; init; }

    /// <summary>Gets what is left of the remarks after all that has a field was taken out, or null.</summary>
    public string? Remarks { get; init; }

    /// <summary>Gets the list within the list ("SDN" in the US CSL), the source of an urgent addition, or
    /// null.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the day of listing, or null when not stated.</summary>
    public DateOnly? ListedOn { get; init; }

    /// <summary>Gets the last day on which the entry holds (urgent additions, denial orders), or null for no
    /// end.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>Gets the first primary name, else the first name, else the first identifier, else the uid.</summary>
    public string DisplayName =>
        Names.Length != 0 ? Names[0].Full : Identifiers.Length != 0 ? Identifiers[0].Value : Uid;

    /// <summary>Lists the dates of one kind.</summary>
    public IEnumerable<ListedDate> DatesOf(DateKind kind) => Dates.Where(date => date.Kind == kind);
}

using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Matching;

/// <summary>Whom or what to look for. What is not known is left out and costs nothing.</summary>
public sealed record ScreeningQuery
{
    /// <summary>The most characters of a name that are looked at.</summary>
    public const int MaxNameLength = 400;

    /// <summary>Gets the name, or "" to look for identifiers alone.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gets what it is; <see cref="EntityKind.Unknown"/> looks for every kind.</summary>
    public EntityKind Kind { get; init; }

    /// <summary>Gets the date of birth (a person), foundation or building, or null.</summary>
    public PartialDate? Date { get; init; }

    /// <summary>Gets countries as ISO 3166-1 alpha-2: nationality, residence, registration, flag.</summary>
    public ImmutableArray<string> Countries { get; init; } = [];

    /// <summary>Gets the gender.</summary>
    public Gender Gender { get; init; }

    /// <summary>Gets passport, registration and ship numbers, BICs, LEIs, wallets; of any kind, in any
    /// spelling.</summary>
    public ImmutableArray<string> Identifiers { get; init; } = [];

    /// <summary>Gets an address in one line, or null.</summary>
    public string? Address { get; init; }

    /// <summary>Gets other names of whom is asked about. They are not looked for here; one that is a weak alias of an
    /// entry confirms a hit on it.</summary>
    public ImmutableArray<string> OtherNames { get; init; } = [];

    /// <summary>Gets a listed name this query must not see, for leave-one-out tests, or null.</summary>
    public string? IgnoreListedName { get; init; }
}

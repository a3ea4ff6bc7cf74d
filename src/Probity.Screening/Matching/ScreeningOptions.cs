using System.Collections.Immutable;
using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>What is done with names that a list itself calls weak. Source: OFAC FAQ 122–125.</summary>
public enum WeakNamePolicy : byte
{
    /// <summary>They are not looked at.</summary>
    Off,

    /// <summary>They help to confirm a hit on another name and never raise one.</summary>
    ConfirmOnly,

    /// <summary>They match when typed exactly.</summary>
    Exact,

    /// <summary>They match like every other name.</summary>
    Fuzzy,
}

/// <summary>The configuration of an engine; its hash is stored with every answer.</summary>
public sealed record ScreeningOptions
{
    /// <summary>Gets the options of this build.</summary>
    public static ScreeningOptions Default { get; } = new();

    /// <summary>Gets the score from which a match is an alert, 0 to 10,000.</summary>
    public int Threshold { get; init; } = 7000;

    /// <summary>Gets the weights of names.</summary>
    public MatchWeights Weights { get; init; } = MatchWeights.Default;

    /// <summary>Gets the points of other fields.</summary>
    public EvidencePoints Points { get; init; } = new();

    /// <summary>Gets the policy for weak names by list; lists without a row have <see
    /// cref="WeakNamePolicy.Exact"/>.</summary>
    public ImmutableDictionary<ListId, WeakNamePolicy> WeakNamePolicies { get; init; } = ImmutableDictionary<ListId,
        WeakNamePolicy>.Empty;

    /// <summary>Gets the name frequencies; a measurement may leave rows out.</summary>
    internal NameFrequency Frequency { get; init; } = NameFrequency.Default;

    /// <summary>Gets the policy for weak names of a list.</summary>
    public WeakNamePolicy WeakNames(ListId list) => WeakNamePolicies.GetValueOrDefault(list, WeakNamePolicy.Exact);
}

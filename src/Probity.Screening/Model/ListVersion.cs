using System.Collections.Immutable;

namespace Probity.Screening.Model;

/// <summary>The name of a list: lower-case letters, digits and underscores, for example <c>us_ofac_sdn</c>.</summary>
/// <param name="Value">The name.</param>
public readonly record struct ListId(string Value)
{
    /// <summary>OFAC Specially Designated Nationals.</summary>
    public static ListId OfacSdn { get; } = new("us_ofac_sdn");

    /// <summary>OFAC Consolidated (non-SDN) list.</summary>
    public static ListId OfacConsolidated { get; } = new("us_ofac_cons");

    /// <summary>US Consolidated Screening List of the International Trade Administration.</summary>
    public static ListId UsCsl { get; } = new("us_csl");

    /// <summary>BIS Denied Persons List.</summary>
    public static ListId BisDpl { get; } = new("us_bis_dpl");

    /// <summary>UN Security Council Consolidated List.</summary>
    public static ListId Un { get; } = new("un_sc");

    /// <summary>UK OFSI Consolidated List of Targets (withdrawn 28 January 2026).</summary>
    public static ListId UkOfsi { get; } = new("uk_ofsi");

    /// <summary>UK Sanctions List.</summary>
    public static ListId UkSanctions { get; } = new("uk_fcdo");

    /// <summary>EU Financial Sanctions File.</summary>
    public static ListId EuFsf { get; } = new("eu_fsf");

    /// <summary>Digital-currency addresses.</summary>
    public static ListId Wallets { get; } = new("wallets");

    /// <summary>The institution's own deny list.</summary>
    public static ListId OwnDeny { get; } = new("own_deny");

    /// <summary>The institution's own watch list.</summary>
    public static ListId OwnWatch { get; } = new("own_watch");

    /// <summary>Urgent additions made by hand.</summary>
    public static ListId Urgent { get; } = new("urgent");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one immutable version of a list; stored with every result.</summary>
/// <param name="List">The list.</param>
/// <param name="PublishedOn">The day of publication that the files state, or null when they state none.</param>
/// <param name="Sha256">SHA-256 of the list's files as 64 lower-case hexadecimal digits.</param>
/// <param name="Count">How many entities it has.</param>
public sealed record ListVersion(ListId List, DateOnly? PublishedOn, string Sha256, int Count);

/// <summary>A list with its entities.</summary>
/// <param name="Version">Which version it is.</param>
/// <param name="Entities">The entities in the order of the source, uids unique.</param>
public sealed record ScreeningList(ListVersion Version, ImmutableArray<ListedEntity> Entities);

using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Reading;

/// <summary>The formats that readers know.</summary>
public enum ListFormat
{
    /// <summary>OFAC legacy CSV set: primary, aliases, addresses, comments.</summary>
    OfacCsv,

    /// <summary>OFAC Enhanced XML.</summary>
    OfacEnhancedXml,

    /// <summary>UN Security Council XML.</summary>
    UnXml,

    /// <summary>UK OFSI ConList CSV.</summary>
    UkConListCsv,

    /// <summary>UK Sanctions List CSV.</summary>
    UkSanctionsCsv,

    /// <summary>UK Sanctions List XML.</summary>
    UkSanctionsXml,

    /// <summary>EU Financial Sanctions File, CSV.</summary>
    EuFsfCsv,

    /// <summary>EU Financial Sanctions File, XML.</summary>
    EuFsfXml,

    /// <summary>US Consolidated Screening List, CSV.</summary>
    UsCslCsv,

    /// <summary>BIS Denied Persons List, tab-separated.</summary>
    BisDplTsv,

    /// <summary>Digital-currency addresses, one on a line.</summary>
    WalletLines,

    /// <summary>Own list, CSV.</summary>
    OwnCsv,

    /// <summary>Own list or urgent additions, JSON.</summary>
    OwnJson,

    /// <summary>OpenSanctions FollowTheMoney entities, one JSON object on a line.</summary>
    FtmJsonLines,
}

/// <summary>What a file is within its list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">Its part in the list: <c>primary</c>, <c>alt</c>, <c>add</c>, <c>comments</c>, <c>list</c>, a
/// currency.</param>
/// <param name="Sha256">SHA-256 of its decompressed bytes, lower-case hexadecimal.</param>
/// <param name="Bytes">Its decompressed size in bytes.</param>
/// <param name="Rows">How many rows or elements it held.</param>
public sealed record ListPart(string Name, string Role, string Sha256, long Bytes, int Rows);

/// <summary>What a reader found besides the entities.</summary>
public sealed record ReadReport
{
    /// <summary>Gets the format.</summary>
    public required ListFormat Format { get; init; }

    /// <summary>Gets the files read, in the order of their roles.</summary>
    public required ImmutableArray<ListPart> Parts { get; init; }

    /// <summary>Gets the roles of files that belong to the format and were not there; empty for a complete
    /// list.</summary>
    /// <remarks>A list without its aliases or addresses screens, but misses what they would find.</remarks>
    public ImmutableArray<string> MissingParts { get; init; } = [];

    /// <summary>Gets how many entities of each kind the list has.</summary>
    public required ImmutableSortedDictionary<EntityKind, int> Kinds { get; init; }

    /// <summary>Gets how many names, by their kind.</summary>
    public required ImmutableSortedDictionary<NameKind, int> Names { get; init; }

    /// <summary>Gets the highest uid where uids are numbers given in order (OFAC), else null.</summary>
    /// <remarks>Tells which of two lists is newer where the files state no date.</remarks>
    public long? HighestUid { get; init; }

    /// <summary>Gets how many rows repeated an entity that was already read and were merged with it.</summary>
    public int MergedRows { get; init; }

    /// <summary>Gets what was odd, at most 200 lines.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Gets how many warnings there were in all.</summary>
    public int WarningCount { get; init; }
}

/// <summary>The outcome of reading one list.</summary>
public abstract record ListReadResult
{
    private ListReadResult()
    {
    }

    /// <summary>The list was read.</summary>
    /// <param name="List">The list.</param>
    /// <param name="Report">What the reader found besides.</param>
    public sealed record Accepted(ScreeningList List, ReadReport Report) : ListReadResult;

    /// <summary>The list is refused as a whole.</summary>
    /// <param name="Fault">Why, where and what to do.</param>
    public sealed record Refused(ListFault Fault) : ListReadResult;
}

using System.Collections.Immutable;

namespace Probity.Screening.Ownership;

/// <summary>Whose ownership test applies.</summary>
public enum OwnershipRegime : byte
{
    /// <summary>
    /// United States: 50 % or more, by blocked persons together; what they hold through others counts only through
    /// entities that are themselves blocked. Source: OFAC FAQ 398–401, guidance of 13 August 2014.
    /// </summary>
    UnitedStates,

    /// <summary>
    /// European Union: more than 50 %; holdings of listed persons are added up. Source: Council best practices
    /// (ST 11623/24), points 63–65. Control is judged by people.
    /// </summary>
    EuropeanUnion,

    /// <summary>
    /// United Kingdom: more than 50 %; holdings of several persons are added up only if they act together. Source:
    /// OFSI general guidance, chapter 4.
    /// </summary>
    UnitedKingdom,
}

/// <summary>A share that one holds in another.</summary>
/// <param name="Owner">Id of the holder.</param>
/// <param name="Owned">Id of what is held.</param>
/// <param name="Percent">Above 0 and at most 100.</param>
public sealed record Holding(string Owner, string Owned, decimal Percent);

/// <summary>One chain of ownership from a listed person down.</summary>
/// <param name="Ids">The ids from the listed person to the entity.</param>
/// <param name="Percent">What the last link holds of the entity.</param>
public sealed record OwnershipPath(ImmutableArray<string> Ids, decimal Percent)
{
    /// <summary>Writes the chain.</summary>
    public override string ToString() => string.Join(" > ", Ids) + FormattableString.Invariant($" ({Percent:0.##} %)");
}

/// <summary>What the ownership test says about an entity.</summary>
public enum OwnershipFinding : byte
{
    /// <summary>No listed person holds a share that counts.</summary>
    Clear,

    /// <summary>Listed persons hold shares below the bound: to be looked at (OFAC FAQ 398 urges caution).</summary>
    Flagged,

    /// <summary>Listed persons hold enough: the entity is treated as listed.</summary>
    Blocked,
}

/// <summary>The result for an entity.</summary>
/// <param name="Id">The entity.</param>
/// <param name="Finding">What it means.</param>
/// <param name="Percent">The shares that count, added up as the regime says.</param>
/// <param name="Paths">Where they come from, greatest first.</param>
public sealed record OwnershipResult(string Id, OwnershipFinding Finding, decimal Percent,
    ImmutableArray<OwnershipPath> Paths);

/// <summary>The 50 % rule over the holdings an institution knows. Pure; decimal; cycles end.</summary>
public sealed class OwnershipGraph
{
    private readonly ILookup<string, Holding> _ofOwned;
    private readonly ImmutableSortedSet<string> _ids;

    /// <summary>Makes the graph.</summary>
    /// <exception cref="ArgumentException">A share is not above 0 and at most 100, or an owner holds
    /// itself.</exception>
    public OwnershipGraph(IEnumerable<Holding> holdings)
    {
        var all = holdings.ToArray();
        foreach (var holding in all)
        {
            if (holding.Percent is <= 0 or > 100 || holding.Owner == holding.Owned)
            {
                throw new ArgumentException(
                    $"The holding of {holding.Owner} in {holding.Owned} is no share of another.", nameof(holdings));
            }
        }

        // Several shares of one owner in one entity are one.
        _ofOwned = all.GroupBy(holding => (holding.Owner, holding.Owned))
            .Select(group => new Holding(group.Key.Owner, group.Key.Owned, Math.Min(100,
                group.Sum(holding => holding.Percent))))
            .OrderByDescending(holding => holding.Percent).ThenBy(holding => holding.Owner, StringComparer.Ordinal)
            .ToLookup(holding => holding.Owned, StringComparer.Ordinal);
        _ids = [.. all.SelectMany(holding => new[] { holding.Owner, holding.Owned })];
    }

    /// <summary>Judges every entity that somebody holds a share in, in the order of ids.</summary>
    /// <param name="listed">The ids of listed persons and entities.</param>
    /// <param name="regime">Whose test applies.</param>
    public ImmutableArray<OwnershipResult> Judge(IReadOnlySet<string> listed, OwnershipRegime regime)
    {
        // An entity that is blocked through its owners counts as blocked for what it owns: until nothing changes.
        var blocked = new HashSet<string>(listed, StringComparer.Ordinal);
        bool isChanged;
        do
        {
            isChanged = false;
            foreach (var id in _ids)
            {
                isChanged |= !blocked.Contains(id) && IsBlocked(Share(id, blocked, regime), regime) && blocked.Add(id);
            }
        }
        while (isChanged);

        return [.. _ids.Where(id => !listed.Contains(id) && _ofOwned.Contains(id)).Select(id => Result(id, listed,
            blocked, regime))];
    }

    private static bool IsBlocked(decimal percent, OwnershipRegime regime) =>
        regime == OwnershipRegime.UnitedStates ? percent >= 50 : percent > 50;

    private decimal Share(string id, HashSet<string> blocked, OwnershipRegime regime)
    {
        var shares = _ofOwned[id].Where(holding => blocked.Contains(holding.Owner)).Select(holding =>
            holding.Percent).ToArray();
        return shares.Length == 0 ? 0 : Math.Min(100,
            regime == OwnershipRegime.UnitedKingdom ? shares.Max() : shares.Sum());
    }

    private OwnershipResult Result(string id, IReadOnlySet<string> listed, HashSet<string> blocked,
        OwnershipRegime regime)
    {
        var percent = Share(id, blocked, regime);
        var paths = _ofOwned[id].Where(holding => blocked.Contains(holding.Owner))
            .Select(holding => new OwnershipPath([.. PathTo(holding.Owner, listed, blocked, []), id], holding.Percent));
        var finding = blocked.Contains(id) ? OwnershipFinding.Blocked : percent > 0
            ? OwnershipFinding.Flagged : OwnershipFinding.Clear;
        return new OwnershipResult(id, finding, percent, [.. paths]);
    }

    // From a listed person down to a blocked entity, by the greatest share at each step; a cycle is not walked twice.
    private ImmutableArray<string> PathTo(string id, IReadOnlySet<string> listed, HashSet<string> blocked,
        ImmutableHashSet<string> seen)
    {
        if (listed.Contains(id))
        {
            return [id];
        }

        foreach (var holding in _ofOwned[id])
        {
            if (blocked.Contains(holding.Owner) && !seen.Contains(holding.Owner)
                && PathTo(holding.Owner, listed, blocked, seen.Add(id)) is { Length: > 0 } path)
            {
                return path.Add(id);
            }
        }

        return [];
    }
}

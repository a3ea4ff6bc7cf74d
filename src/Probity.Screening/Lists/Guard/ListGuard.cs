using System.Collections.Immutable;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Guard;

/// <summary>Bounds of the list guard.</summary>
public sealed record GuardOptions
{
    /// <summary>Gets the bounds used when none are set.</summary>
    public static GuardOptions Default { get; } = new();

    /// <summary>Gets by how many per cent the entries may become fewer. Default 5.</summary>
    /// <remarks>Between real versions OFAC lost 3 to 5 per cent in years, the UN 10 per cent in five years.</remarks>
    public int MaxShrinkPercent { get; init; } = 5;

    /// <summary>Gets by how many per cent names, identifiers, dates or addresses may become fewer. Default
    /// 20.</summary>
    public int MaxFieldShrinkPercent { get; init; } = 20;

    /// <summary>Gets how many entries a programme must have had before its loss is a fault. Default 3.</summary>
    /// <remarks>A programme of one or two entries ends with its last delisting.</remarks>
    public int ProgrammeEntries { get; init; } = 3;

    /// <summary>Gets findings that somebody looked at and accepts for this load, by code.</summary>
    public ImmutableHashSet<string> Accepted { get; init; } = [];
}

/// <summary>One finding of the guard.</summary>
/// <param name="Code">A stable word: <c>shrunk</c>, <c>older</c>, <c>programme_lost</c> …</param>
/// <param name="Text">What was found and what to do.</param>
/// <param name="IsAccepted">Somebody accepted findings of this code for this load.</param>
public sealed record GuardFinding(string Code, string Text, bool IsAccepted);

/// <summary>What the guard says of a list that is to become the current one.</summary>
public abstract record GuardVerdict
{
    private GuardVerdict()
    {
    }

    /// <summary>The list may go live.</summary>
    /// <param name="Accepted">Findings that were accepted.</param>
    public sealed record Passed(ImmutableArray<GuardFinding> Accepted) : GuardVerdict;

    /// <summary>The files are those of the current version.</summary>
    public sealed record Unchanged : GuardVerdict;

    /// <summary>The list must not go live; the current version stays.</summary>
    /// <param name="Findings">All findings, at least one not accepted.</param>
    public sealed record Refused(ImmutableArray<GuardFinding> Findings) : GuardVerdict;
}

/// <summary>Looks at a list before it goes live: what has it lost against the current version?</summary>
/// <remarks>
/// Lists have lost their SDN part or single programmes for days (International Trade Administration, developer portal,
/// issues 95 and 146); a list that shrank silently screens nobody against what is gone. Pure.
/// </remarks>
public static class ListGuard
{
    private const int FieldsFrom = 50;

    /// <summary>Checks a list.</summary>
    /// <param name="candidate">The list as read.</param>
    /// <param name="current">The version that is live, or null for the first.</param>
    /// <param name="options">The bounds, or null for the default.</param>
    /// <exception cref="ArgumentException">The two are not versions of one list.</exception>
    public static GuardVerdict Check(
        ListReadResult.Accepted candidate, ListReadResult.Accepted? current, GuardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var bounds = options ?? GuardOptions.Default;
        if (current is not null && current.List.Version.List != candidate.List.Version.List)
        {
            throw new ArgumentException("The candidate is another list than the current one.", nameof(candidate));
        }

        if (current is not null && current.List.Version.Sha256 == candidate.List.Version.Sha256)
        {
            return new GuardVerdict.Unchanged();
        }

        ImmutableArray<GuardFinding> findings = [.. Findings(candidate, current, bounds)
            .Select(item => new GuardFinding(item.Code, item.Text, bounds.Accepted.Contains(item.Code)))];
        return findings.All(finding => finding.IsAccepted)
            ? new GuardVerdict.Passed(findings)
            : new GuardVerdict.Refused(findings);
    }

    private static IEnumerable<(string Code, string Text)> Findings(
        ListReadResult.Accepted candidate, ListReadResult.Accepted? current, GuardOptions bounds)
    {
        var found = Incomplete(candidate, current);
        if (current is null)
        {
            return found;
        }

        return found
            .Concat(Older(candidate, current))
            .Concat(Shrunk(candidate.List, current.List, bounds))
            .Concat(Lost("programme_lost", "programme", candidate.List, current.List, bounds, entity =>
                entity.Programmes))
            .Concat(Lost("source_lost", "source list", candidate.List, current.List, bounds, entity =>
                entity.Source is { } source ? [source] : []))
            .Concat(Lost("kind_lost", "kind", candidate.List, current.List, bounds, entity => [entity.Kind.ToString()]))
            .Concat(Thinner(candidate.List, current.List, bounds))
            .Concat(Damaged(candidate.List, current.List));
    }

    private static IEnumerable<(string Code, string Text)> Incomplete(
        ListReadResult.Accepted candidate, ListReadResult.Accepted? current)
    {
        var missing = candidate.Report.MissingParts.Where(part =>
            current is null || !current.Report.MissingParts.Contains(part)).ToList();
        if (missing.Count != 0)
        {
            yield return ("incomplete", "The set lacks " + string.Join(", ", missing.Select(FileName))
                + ". Download the whole set, or accept that names and addresses of these files are not screened.");
        }
    }

    private static string FileName(string part) => part switch
    {
        "alt" => "alt.csv (aliases)",
        "add" => "add.csv (addresses)",
        "comments" => "sdn_comments.csv (remarks beyond 1,000 characters)",
        _ => part,
    };

    private static IEnumerable<(string Code, string Text)> Older(
        ListReadResult.Accepted candidate, ListReadResult.Accepted current)
    {
        var (now, before) = (candidate.List.Version.PublishedOn, current.List.Version.PublishedOn);
        if (now < before)
        {
            yield return (
                "older", $"The list is of {now:yyyy-MM-dd}, the current one of {before:yyyy-MM-dd}. Load the newest.");
        }
        else if (now is null && before is not null)
        {
            yield return ("undated", $"The list states no day, the current one does ({before:yyyy-MM-dd}).");
        }
        else if (now is null && candidate.Report.HighestUid < current.Report.HighestUid)
        {
            yield return ("older", $"The highest uid is {candidate.Report.HighestUid}, that of the current list "
                + $"{current.Report.HighestUid}: this list is older. Load the newest.");
        }
    }

    private static IEnumerable<(string Code, string Text)> Shrunk(
        ScreeningList candidate, ScreeningList current, GuardOptions bounds)
    {
        var (now, before) = (candidate.Version.Count, current.Version.Count);
        if (IsFewer(now, before, bounds.MaxShrinkPercent))
        {
            yield return ("shrunk", $"The list has {now} entries, the current one {before}: more than "
                + $"{bounds.MaxShrinkPercent} % fewer. Look at the difference and ask the publisher.");
        }

        // Entries may be exchanged while their number stays: ids were assigned anew, or it is another list.
        var uids = candidate.Entities.Select(entity => entity.Uid).ToHashSet(StringComparer.Ordinal);
        var kept = current.Entities.Count(entity => uids.Contains(entity.Uid));
        if (IsFewer(kept, before, bounds.MaxShrinkPercent * 2) && !IsFewer(now, before, bounds.MaxShrinkPercent))
        {
            yield return ("replaced", $"Only {kept} of {before} entries keep their id. Look at the difference.");
        }
    }

    private static IEnumerable<(string Code, string Text)> Lost(
        string code, string word, ScreeningList candidate, ScreeningList current, GuardOptions bounds,
        Func<ListedEntity, IEnumerable<string>> values)
    {
        var now = candidate.Entities.SelectMany(values).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (value, count) in current.Entities.SelectMany(values).CountBy(value => value)
            .Where(item => item.Value >= bounds.ProgrammeEntries && !now.Contains(item.Key))
            .OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            yield return (code, $"The {word} \"{value}\" with {count} entries is gone. Check the publisher's notice.");
        }
    }

    private static IEnumerable<(string Code, string Text)> Thinner(
        ScreeningList candidate, ScreeningList current, GuardOptions bounds)
    {
        foreach (var (field, count) in new (string, Func<ListedEntity, int>)[]
        {
            ("names", entity => entity.Names.Length), ("dates", entity => entity.Dates.Length),
            ("identifiers", entity => entity.Identifiers.Length), ("addresses", entity => entity.Addresses.Length),
            ("nationalities and countries", entity => entity.Countries.Length),
        })
        {
            var (now, before) = (candidate.Entities.Sum(count), current.Entities.Sum(count));
            if (before >= FieldsFrom && IsFewer(now, before, bounds.MaxFieldShrinkPercent))
            {
                yield return (
                    "fields_lost", $"The entries have {now} {field}, before {before}: a column or file is empty, "
                    + "or the format changed.");
            }
        }
    }

    // A file saved again in another encoding keeps its entries and loses the letters of its names.
    private static IEnumerable<(string Code, string Text)> Damaged(ScreeningList candidate, ScreeningList current)
    {
        var (now, before) = (Native(candidate), Native(current));
        if (before >= FieldsFrom && IsFewer(now, before, 20))
        {
            yield return ("encoding", $"The list has {now} names in scripts other than Latin, before {before}: it was "
                + "saved again in another encoding.");
        }

        var (marks, marksBefore) = (Marks(candidate), Marks(current));
        if (marks > marksBefore + 10)
        {
            yield return (
                "encoding", $"{marks} names hold replacement characters, before {marksBefore}: the text is damaged.");
        }
    }

    private static int Native(ScreeningList list) => list.Entities.Sum(entity =>
        entity.Names.Count(name => name.Script is not (NameScript.Latin or NameScript.None)));

    private static int Marks(ScreeningList list) => list.Entities.Sum(entity =>
        entity.Names.Count(name => name.Full.AsSpan().IndexOfAny('\uFFFD', '?') >= 0));

    private static bool IsFewer(int now, int before, int percent) => (long)now * 100 < (long)before * (100 - percent);
}

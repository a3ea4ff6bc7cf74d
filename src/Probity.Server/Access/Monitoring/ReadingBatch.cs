using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Access.Monitoring;

/// <summary>Counts the readings of one batch into a context, in sequence order.</summary>
internal sealed class ReadingBatch(ProbityDb db, TimeZoneInfo zone)
{
    private readonly Dictionary<string, string?> _owners = new(StringComparer.Ordinal);

    /// <summary>The person who read; null for programs that nobody owns and for the server.</summary>
    public async Task<string?> PersonOfAsync(Reading reading, CancellationToken cancellationToken)
    {
        if (reading.ActorType == "user")
        {
            return reading.ActorId.StartsWith(AccessIds.User, StringComparison.Ordinal) ? reading.ActorId : null;
        }

        if (reading.ActorType != "api_key")
        {
            return null;
        }

        if (!_owners.TryGetValue(reading.ActorId, out var owner))
        {
            owner = await db.Set<ApiKeyRow>().AsNoTracking().Where(k => k.Id == reading.ActorId).Select(k => k.OwnerId)
                .SingleOrDefaultAsync(cancellationToken);
            _owners[reading.ActorId] = owner;
        }

        return owner;
    }

    public async Task KeepViewsAsync(Reading reading, string? person, CancellationToken cancellationToken)
    {
        foreach (var subject in reading.Subjects.Distinct(StringComparer.Ordinal))
        {
            if (await db.Set<AccessViewRow>().FindAsync([subject, reading.Seq], cancellationToken) is null)
            {
                db.Add(new AccessViewRow
                {
                    Subject = subject,
                    Seq = reading.Seq,
                    EntryId = reading.EntryId,
                    Type = reading.Type,
                    ActorType = reading.ActorType,
                    ActorId = reading.ActorId,
                    Person = person,
                    At = reading.At,
                });
            }
        }
    }

    /// <summary>Adds a reading to the counts and tells what there is up to and with it.</summary>
    public async Task<ReadingFacts> CountAsync(Reading reading, string person, CancellationToken cancellationToken)
    {
        var day = await AddAsync(reading, person, ReadingCountRow.Day, ReadingJudge.DayOf(reading.At, zone), cancellationToken);
        var hour = await AddAsync(reading, person, ReadingCountRow.Hour, ReadingJudge.HourOf(reading.At), cancellationToken);
        var from = day.Start - ReadingJudge.BaselineDays;
        var baseline = await db.Set<ReadingCountRow>().AsNoTracking()
            .Where(c => c.Person == person && c.Span == ReadingCountRow.Day && c.Start >= from && c.Start < day.Start)
            .SumAsync(c => c.Records, cancellationToken);

        // Days that this batch changed are not stored yet.
        baseline += db.Set<ReadingCountRow>().Local
            .Where(c => c.Person == person && c.Span == ReadingCountRow.Day && c.Start >= from && c.Start < day.Start)
            .Sum(c => c.Records - (long)(db.Entry(c).State == EntityState.Added ? 0L : db.Entry(c).OriginalValues[nameof(c.Records)] ?? 0L));
        return new ReadingFacts(
            day.Records, hour.Denied, baseline, await IsFirstAsync(reading, person, cancellationToken),
            await RelationsAsync(reading, person, cancellationToken));
    }

    public async Task MoveCursorAsync(string name, long next, CancellationToken cancellationToken)
    {
        if (await db.Set<FollowerCursorRow>().SingleOrDefaultAsync(c => c.Name == name, cancellationToken) is { } cursor)
        {
            cursor.NextSeq = next;
        }
        else
        {
            db.Add(new FollowerCursorRow { Name = name, NextSeq = next });
        }
    }

    private async Task<ReadingCountRow> AddAsync(
        Reading reading, string person, string span, long start, CancellationToken cancellationToken)
    {
        var row = await db.Set<ReadingCountRow>().FindAsync([person, span, start], cancellationToken);
        if (row is null)
        {
            row = new ReadingCountRow { Person = person, Span = span, Start = start };
            db.Add(row);
        }

        row.Requests++;
        if (reading.IsDenied)
        {
            row.Denied++;
        }
        else
        {
            row.Records += reading.Records;
        }

        return row;
    }

    /// <summary>A compartment is entered for the first time when no finding says that it was before.</summary>
    private async Task<bool> IsFirstAsync(Reading reading, string person, CancellationToken cancellationToken) =>
        reading is { Compartment: { } compartment, IsDenied: false }
        && !await FindingDesk.IsKnownAsync(db, $"compartment:{person}:{compartment}", cancellationToken);

    private async Task<IReadOnlyList<(string Subject, string Kind)>> RelationsAsync(
        Reading reading, string person, CancellationToken cancellationToken)
    {
        if (reading.Subjects.Count == 0)
        {
            return [];
        }

        var relations = await db.Set<AccessRelationRow>().AsNoTracking().Where(r => r.Person == person).ToListAsync(cancellationToken);
        var seen = reading.Subjects.ToHashSet(StringComparer.Ordinal);
        return [.. relations.Where(r => seen.Contains(r.Subject)).OrderBy(r => r.Subject, StringComparer.Ordinal).Select(r => (r.Subject, r.Kind))];
    }
}

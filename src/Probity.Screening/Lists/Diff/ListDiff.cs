using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Diff;

/// <summary>One field of an entry that changed.</summary>
/// <param name="Field">The field, as <see cref="EntityFacts"/> names it.</param>
/// <param name="Removed">Values that are gone, sorted.</param>
/// <param name="Added">Values that are new, sorted.</param>
public sealed record FieldChange(string Field, ImmutableArray<string> Removed, ImmutableArray<string> Added);

/// <summary>An entry that is on both versions and says something else.</summary>
/// <param name="Before">The entry before.</param>
/// <param name="After">The entry after.</param>
/// <param name="Fields">What changed, at least one field.</param>
public sealed record EntityChange(ListedEntity Before, ListedEntity After, ImmutableArray<FieldChange> Fields);

/// <summary>The difference between two versions of a list, in what matters to screening.</summary>
/// <remarks>Exact and deterministic: all entries are compared by uid; the result is in the order of uids.</remarks>
public sealed record ListDiff
{
    /// <summary>Gets the entries that are new.</summary>
    public required ImmutableArray<ListedEntity> Added { get; init; }

    /// <summary>Gets the entries that are gone.</summary>
    public required ImmutableArray<ListedEntity> Removed { get; init; }

    /// <summary>Gets the entries that say something else.</summary>
    public required ImmutableArray<EntityChange> Changed { get; init; }

    /// <summary>Gets the uids of entries that differ in remarks, notes and labels alone, in their order.</summary>
    /// <remarks>They are no change: nothing that a screening looks at differs. Shown so that the sum can be
    /// checked.</remarks>
    public required ImmutableArray<string> FootnotesOnly { get; init; }

    /// <summary>Gets whether nothing differs that matters.</summary>
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Changed.IsEmpty;

    /// <summary>Compares two versions.</summary>
    /// <param name="before">The version before, or null when there is none: every entry is then new.</param>
    /// <param name="after">The version after.</param>
    /// <exception cref="ArgumentException">The two are not versions of one list.</exception>
    public static ListDiff Between(ScreeningList? before, ScreeningList after)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (before is not null && before.Version.List != after.Version.List)
        {
            throw new ArgumentException(
                $"{before.Version.List} and {after.Version.List} are two lists.", nameof(before));
        }

        ImmutableArray<ListedEntity> entitiesBefore = before is null ? [] : before.Entities;
        var old = entitiesBefore.ToDictionary(entity => entity.Uid, StringComparer.Ordinal);
        var now = after.Entities.ToDictionary(entity => entity.Uid, StringComparer.Ordinal);
        ImmutableArray<EntityChange> changed = [.. Sorted(after.Entities.Where(entity => old.ContainsKey(entity.Uid)))
            .Select(entity => new EntityChange(old[entity.Uid], entity, Fields(old[entity.Uid], entity)))];
        return new ListDiff
        {
            Added = Sorted(after.Entities.Where(entity => !old.ContainsKey(entity.Uid))),
            Removed = Sorted(entitiesBefore.Where(entity => !now.ContainsKey(entity.Uid))),
            Changed = [.. changed.Where(change => !change.Fields.IsEmpty)],
            FootnotesOnly = [.. changed
                .Where(change => change.Fields.IsEmpty && EntityFacts.Footnotes(change.Before) != EntityFacts.Footnotes(
                    change.After))
                .Select(change => change.After.Uid)],
        };
    }

    /// <summary>Compares two forms of one entry.</summary>
    /// <returns>The fields that differ; empty when nothing differs that matters.</returns>
    public static ImmutableArray<FieldChange> Fields(ListedEntity before, ListedEntity after)
    {
        var (old, now) = (EntityFacts.Of(before), EntityFacts.Of(after));
        return [.. old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(field => Change(field, Values(old, field), Values(now, field)))
            .Where(change => change.Removed.Length + change.Added.Length != 0)];
    }

    private static FieldChange Change(
        string field, ImmutableSortedSet<string> before, ImmutableSortedSet<string> after) =>
        new(field, [.. before.Except(after)], [.. after.Except(before)]);

    private static ImmutableSortedSet<string> Values(
        ImmutableSortedDictionary<string, ImmutableSortedSet<string>> fields, string field) =>
        fields.GetValueOrDefault(field, ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal));

    private static ImmutableArray<ListedEntity> Sorted(IEnumerable<ListedEntity> entities) =>
        [.. entities.OrderBy(entity => entity.Uid, StringComparer.Ordinal)];
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// The audited changes that a commit has written entries for: entity and the change as it was when its entry was
/// made. Saving refuses anything beyond.
/// </summary>
internal sealed class AuditedChanges
{
    private readonly Dictionary<object, AuditedChange> _covered = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds what an entry says about an entity.</summary>
    public void Add(object entity, AuditedChange change) => _covered.Add(entity, change);

    /// <summary>Whether an entry says anything about an entity.</summary>
    public bool Has(object entity) => _covered.ContainsKey(entity);

    /// <summary>Whether the tracked change is exactly what its entry says.</summary>
    public bool Covers(EntityEntry entry) =>
        _covered.TryGetValue(entry.Entity, out var change) && change.Equals(AuditedChange.Of(entry));

    /// <summary>The tracked entities whose change needs an entry.</summary>
    public static IReadOnlyList<EntityEntry> In(DbContext db) =>
        [.. db.ChangeTracker.Entries().Where(e => e.Metadata.IsAudited() && NeedsEntry(e))];

    private static bool NeedsEntry(EntityEntry entry) => entry.State switch
    {
        EntityState.Added or EntityState.Deleted => true,
        EntityState.Modified => entry.Properties.Any(p => p.IsModified && !p.Metadata.IsOperational()),
        EntityState.Detached or EntityState.Unchanged => false,
        _ => true,
    };
}

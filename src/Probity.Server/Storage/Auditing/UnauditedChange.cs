using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Probity.Server.Storage.Auditing;

/// <summary>The refusal <c>storage.unaudited_change</c>. It names the entity's type, never its values.</summary>
internal static class UnauditedChange
{
    public const string Code = "storage.unaudited_change";

    public static StorageException Of(EntityEntry entry) => new(Code,
        $"{entry.State} {entry.Metadata.DisplayName()} has no entry in the ledger: commit it through a unit of work "
        + "that records it.");

    /// <summary>An audited table does not take rows past the change tracker.</summary>
    public static StorageException InBulk(IReadOnlyEntityType entity) => new(Code,
        $"{entity.DisplayName()} is audited: its rows are added to a unit of work one by one, each with its entry.");
}

using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Probity.Server.Storage.Auditing;

/// <summary>The refusal <c>storage.unaudited_change</c>. It names the entity's type, never its values.</summary>
internal static class UnauditedChange
{
    public const string Code = "storage.unaudited_change";

    public static StorageException Of(EntityEntry entry) => new(Code,
        $"{entry.State} {entry.Metadata.DisplayName()} has no entry in the ledger: commit it through a unit of work "
        + "that records it.");
}

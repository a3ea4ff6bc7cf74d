using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// How an entry names the row it stands for: its last target is the row's table and key. What comes before it is what
/// the module wants to say.
/// </summary>
internal static class RowTarget
{
    /// <summary>Table and key of a row; parts of a key are joined by slashes.</summary>
    public static EntryTarget Of(EntityEntry row) => Of(row.Metadata, part => row.Property(part).CurrentValue);

    /// <summary>The same of a row that nobody tracks.</summary>
    public static EntryTarget Of(IEntityType entity, Func<IProperty, object?> valueOf)
    {
        var key = entity.FindPrimaryKey()
            ?? throw new InvalidOperationException($"{entity.DisplayName()} is audited and has no key.");
        return new EntryTarget(TableOf(entity), string.Join('/', key.Properties.Select(part =>
            Convert.ToString(valueOf(part), CultureInfo.InvariantCulture))));
    }

    /// <summary>The table of an entity, without its schema.</summary>
    public static string TableOf(IReadOnlyEntityType entity) => entity.GetTableName()
        ?? throw new InvalidOperationException($"{entity.DisplayName()} is audited and has no table.");

    /// <summary>The targets with the row as the last.</summary>
    public static IReadOnlyList<EntryTarget> EndingWith(IReadOnlyList<EntryTarget> targets, EntryTarget row) =>
        targets.Count > 0 && targets[^1].Type == row.Type && targets[^1].Id == row.Id ? targets : [.. targets, row];
}

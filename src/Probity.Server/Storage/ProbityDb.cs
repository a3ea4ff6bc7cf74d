using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Storage;

/// <summary>
/// The one context of all modules. The maps live in the modules and are listed in <see cref="ProbityModel"/>; the
/// tables are made by the migrations, never from this model. Not thread safe, short-lived.
/// </summary>
internal abstract class ProbityDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>What a unit of work allows this context to save; null outside a commit.</summary>
    internal AuditedChanges? Allowed { get; set; }

    /// <summary>The schema of the tables; null where the store has none.</summary>
    protected abstract string? Schema { get; }

    /// <summary>Saves what entries stand for; the other overloads come here.</summary>
    /// <exception cref="StorageException">storage.unaudited_change: nothing was saved.</exception>
    public sealed override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        RequireEntries();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    /// <inheritdoc cref="SaveChanges(bool)"/>
    public sealed override Task<int> SaveChangesAsync(
        bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        RequireEntries();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        if (Schema is not null)
        {
            modelBuilder.HasDefaultSchema(Schema);
        }

        ProbityModel.Configure(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetDeclaredProperties()))
        {
            NameColumn(property);
        }
    }

    protected sealed override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();
    }

    // No change of an audited row without an entry of the running unit of work, whatever path the code took.
    private void RequireEntries()
    {
        foreach (var entry in AuditedChanges.In(this))
        {
            if (Allowed?.Covers(entry) is not true)
            {
                throw UnauditedChange.Of(entry);
            }
        }
    }

    private static void NameColumn(IMutableProperty property)
    {
        if (property.FindAnnotation(RelationalAnnotationNames.ColumnName) is null)
        {
            property.SetColumnName(SnakeCase.From(property.Name));
        }
    }
}

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

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.AddInterceptors(UnauditedChangeInterceptor.Instance);

    private static void NameColumn(IMutableProperty property)
    {
        if (property.FindAnnotation(RelationalAnnotationNames.ColumnName) is null)
        {
            property.SetColumnName(SnakeCase.From(property.Name));
        }
    }
}

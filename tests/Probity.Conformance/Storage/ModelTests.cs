using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class ModelTests
{
    [Fact]
    public void Every_mapped_entity_is_audited_or_operational()
    {
        using var db = new SqliteProbityDb(new DbContextOptionsBuilder<SqliteProbityDb>().UseSqlite().Options);

        Assert.NotEmpty(db.Model.GetEntityTypes());
        Assert.Empty(AuditDeclarations.Undeclared(db.Model));
    }

    [Fact]
    public void A_bare_entity_and_one_that_declares_both_are_found()
    {
        using var db = new BareDb();

        Assert.Equal(["Bare", "Both"], AuditDeclarations.Undeclared(db.Model));
    }

    private sealed class BareDb : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Bare>();
            modelBuilder.Entity<Good>().Operational("A test row.");
            modelBuilder.Entity<Both>(map =>
            {
                map.Audited();
                map.Operational("Both is as wrong as none.");
            });
        }
    }

    private sealed record Bare(int Id);

    private sealed record Good(int Id);

    private sealed record Both(int Id);
}

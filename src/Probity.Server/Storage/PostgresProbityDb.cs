using Microsoft.EntityFrameworkCore;

namespace Probity.Server.Storage;

/// <summary>The context over PostgreSQL, which carries that store's migrations.</summary>
internal sealed class PostgresProbityDb(DbContextOptions<PostgresProbityDb> options) : ProbityDb(options)
{
    /// <summary>The schema of every Probity table.</summary>
    public const string SchemaName = "probity";

    protected override string? Schema => SchemaName;
}

using Microsoft.EntityFrameworkCore;

namespace Probity.Server.Storage;

/// <summary>The context over SQLite, which carries that store's migrations.</summary>
internal sealed class SqliteProbityDb(DbContextOptions<SqliteProbityDb> options) : ProbityDb(options)
{
    protected override string? Schema => null;
}

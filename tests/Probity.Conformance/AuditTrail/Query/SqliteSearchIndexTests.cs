using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Conformance.AuditTrail.Query;

public sealed class SqliteSearchIndexTests : SearchIndexContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("probity-search-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "search.db");

    [Fact]
    public async Task A_reopened_file_keeps_its_cursor()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 10)], 10, CancellationToken.None);
        using var again = new SqliteSearchIndex(Path, Tokens);

        Assert.Equal(10, await again.ReadCursorAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_replaced()
    {
        var path = System.IO.Path.Combine(_folder, "damaged.db");
        await File.WriteAllTextAsync(path, new string('x', 20_000), CancellationToken.None);
        using var index = new SqliteSearchIndex(path, Tokens);

        Assert.Equal(0, await index.ReadCursorAsync(CancellationToken.None));
    }

    public override ValueTask DisposeAsync()
    {
        ((SqliteSearchIndex)Index).Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected override ValueTask<ISearchIndex> OpenAsync() =>
        ValueTask.FromResult<ISearchIndex>(new SqliteSearchIndex(Path, Tokens));
}

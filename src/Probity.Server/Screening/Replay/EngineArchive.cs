using Microsoft.EntityFrameworkCore;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Replay;

/// <summary>
/// Engines over versions of lists as they once were live. The last one is kept, since answers of a day follow each
/// other. Not thread safe.
/// </summary>
internal sealed class EngineArchive(IDatabase database, ListLibrary library)
{
    private string? _key;
    private EngineSnapshot? _kept;

    /// <summary>The engine over these versions.</summary>
    /// <exception cref="StorageException">
    /// screening.list_content_damaged: a version is missing or no longer what was loaded.
    /// </exception>
    public async Task<EngineSnapshot> OfAsync(IReadOnlyList<string> versions, CancellationToken cancellationToken)
    {
        var key = string.Join(' ', versions);
        if (_kept is null || _key != key)
        {
            (_key, _kept) = (key, LiveEngine.Build(await ReadAsync(versions, cancellationToken)));
        }

        return _kept;
    }

    private async Task<List<ActiveList>> ReadAsync(IReadOnlyList<string> versions, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var lists = new List<ActiveList>();
        foreach (var id in versions)
        {
            var row = await db.Set<ListVersionRow>().AsNoTracking()
                .SingleOrDefaultAsync(r => r.Id == id, cancellationToken)
                ?? throw new StorageException(
                    "screening.list_content_damaged", $"The version {id} of a list, which an answer names, is gone.");
            lists.Add(new ActiveList(row.Id, await library.ReadAsync(row, cancellationToken)));
        }

        return lists;
    }
}

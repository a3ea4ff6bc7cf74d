using Microsoft.EntityFrameworkCore;
using Probity.Screening.Matching;
using Probity.Server.Screening.Configuration;
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

    /// <summary>The engine over these versions, with the configuration of that hash; null when this build has none
    /// such.</summary>
    /// <exception cref="StorageException">
    /// screening.list_content_damaged: a version is missing or no longer what was loaded.
    /// </exception>
    public async Task<EngineSnapshot?> OfAsync(
        IReadOnlyList<string> versions, string configuration, CancellationToken cancellationToken)
    {
        var key = configuration + ' ' + string.Join(' ', versions);
        if (_kept is null || _key != key)
        {
            if (await OptionsAsync(configuration, cancellationToken) is not { } options)
            {
                return null;
            }

            (_key, _kept) = (key, LiveEngine.Build(await ReadAsync(versions, cancellationToken), options));
        }

        return _kept;
    }

    // By what an institution set, not by the stored hash: that one is of the build that drafted it.
    private async Task<ScreeningOptions?> OptionsAsync(string configuration, CancellationToken cancellationToken)
    {
        if (configuration == EngineConfiguration.HashOf(ScreeningOptions.Default))
        {
            return ScreeningOptions.Default;
        }

        await using var db = database.CreateContext();
        var rows = await db.Set<ConfigurationRow>().AsNoTracking()
            .Where(row => row.LiveAt != null).ToListAsync(cancellationToken);
        return rows.Select(row => row.Options())
            .FirstOrDefault(options => EngineConfiguration.HashOf(options) == configuration);
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

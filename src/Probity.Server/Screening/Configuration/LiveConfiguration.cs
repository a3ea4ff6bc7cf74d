using Microsoft.EntityFrameworkCore;
using Probity.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Configuration;

/// <summary>The configuration in force on this node; that of the build until one was released. Thread safe.</summary>
internal sealed class LiveConfiguration(IDatabase database)
{
    private volatile ScreeningOptions _options = ScreeningOptions.Default;

    /// <summary>What engines are built with.</summary>
    public ScreeningOptions Options => _options;

    /// <summary>Brings this node to what the store says is in force.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ConfigurationRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.State == ConfigurationRow.Live, cancellationToken);
        _options = row?.Options() ?? ScreeningOptions.Default;
    }
}

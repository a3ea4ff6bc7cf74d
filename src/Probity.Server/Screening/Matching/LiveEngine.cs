using System.Collections.Frozen;
using System.Collections.Immutable;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Screening.Configuration;
using Probity.Server.Screening.Lists;

namespace Probity.Server.Screening.Matching;

/// <summary>An engine and the versions it was built from.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Lists">The live versions, in the order of their names.</param>
/// <param name="Configuration">SHA-256 of the options, see <see cref="EngineConfiguration"/>.</param>
internal sealed record EngineSnapshot(
    ScreeningEngine Engine, ImmutableArray<ActiveList> Lists, string Configuration);

/// <summary>
/// The engine over the live lists. After an exchange of lists the next engine is built beside the one that serves and
/// put in its place whole: a screening takes <see cref="Current"/> once and ends on what it began with. Thread safe.
/// </summary>
internal sealed class LiveEngine : IHostedService, IDisposable
{
    private readonly ActiveLists _active;
    private readonly LiveConfiguration _configuration;
    private readonly ILogger<LiveEngine> _log;
    private readonly SemaphoreSlim _building = new(1, 1);
    private volatile EngineSnapshot? _current;

    public LiveEngine(ActiveLists active, LiveConfiguration configuration, ILogger<LiveEngine> log) =>
        (_active, _configuration, _log) = (active, configuration, log);

    /// <summary>What serves now; null until the first lists are live and read.</summary>
    public EngineSnapshot? Current => _current;

    /// <summary>Builds an engine over what is live, by the configuration in force, if it is not the one that
    /// serves.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _building.WaitAsync(cancellationToken);
        try
        {
            var live = _active.Current;
            await _configuration.RefreshAsync(cancellationToken);
            if (!IsServed(live))
            {
                _current = live.Count == 0 ? null : Build(live.Values, _configuration.Options);
            }
        }
        finally
        {
            _building.Release();
        }
    }

    /// <summary>Begins to follow the lists; those that are live already are read in the background.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _active.Exchanged += OnExchanged;
        OnExchanged(_active.Current);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _active.Exchanged -= OnExchanged;
        return Task.CompletedTask;
    }

    public void Dispose() => _building.Dispose();

    /// <summary>Builds the engine of some versions, as it serves or as it once did.</summary>
    public static EngineSnapshot Build(IEnumerable<ActiveList> lists, ScreeningOptions options)
    {
        ImmutableArray<ActiveList> ordered =
            [.. lists.OrderBy(list => list.Read.List.Version.List.Value, StringComparer.Ordinal)];
        var engine = ScreeningEngine.Build(ordered.Select(list => list.Read.List), options);
        return new EngineSnapshot(engine, ordered, EngineConfiguration.HashOf(engine.Options));
    }

    private bool IsServed(FrozenDictionary<ListId, ActiveList> live) =>
        _current is { } current
            ? current.Lists.Length == live.Count
                && current.Configuration == EngineConfiguration.HashOf(_configuration.Options)
                && current.Lists.All(list => live.Values.Any(other => other.VersionId == list.VersionId))
            : live.Count == 0;

    // Handlers of an exchange must be quick: building takes seconds, and the old engine goes on meanwhile.
    private void OnExchanged(FrozenDictionary<ListId, ActiveList> live) => _ = Task.Run(async () =>
    {
        try
        {
            await RefreshAsync(CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _log.BuildFailed(fault);
        }
    });
}

internal static partial class MatchLog
{
    [LoggerMessage(1, LogLevel.Error, "The new lists could not be put to use; screening goes on with the ones before")]
    public static partial void BuildFailed(this ILogger log, Exception fault);
}

using Probity.Server.Custody.Erasure;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// Follows the ledger and packs each <see cref="StepPacks.StepsOfPack"/> steps for the next start; the steps behind the
/// last pack are read from the ledger then. It opens what it packs from the ledger itself, so a pack holds what is
/// stored and not what some process believes. Not thread safe.
/// </summary>
internal sealed class PackFollower(StepPacks packs, StepReader steps) : IFollower
{
    private PackWriter _content = new();
    private long _firstSeq;
    private long _number;

    /// <summary>Gets how many steps a pack has.</summary>
    public int StepsOfPack { get; init; } = StepPacks.StepsOfPack;

    public string Name => "monitoring";

    public TimeSpan Gathering => TimeSpan.FromMilliseconds(500);

    public async Task<long> ReadCursorAsync(CancellationToken cancellationToken)
    {
        _content = new PackWriter();
        (_firstSeq, _number) = await packs.EndAsync(cancellationToken);
        return _firstSeq;
    }

    public async Task ApplyAsync(
        IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken)
    {
        var opened = await steps.OpenAsync(
            [.. entries.Select(entry => (entry.Seq, entry.Body))], withRecords: false, cancellationToken);
        foreach (var step in opened)
        {
            Add(step);
            OwnThread.Breathe();
            if (_content.Steps >= StepsOfPack)
            {
                await packs.KeepAsync(_firstSeq, _content, cancellationToken);
                (_firstSeq, _content) = (step.Seq + 1, new PackWriter());
            }
        }

        if (entries.Any(entry => entry.Body.Span.IndexOf(PurgeEnded) >= 0))
        {
            await packs.RemoveStaleAsync(cancellationToken);
        }
    }

    private static ReadOnlySpan<byte> PurgeEnded => "\"type\":\"probity.custody.purge_ended\""u8;

    private void Add(Step step)
    {
        var numbered = step is Step.Erased erased ? erased with { Number = _number + 1 } : step;
        while (++_number < numbered.Number)
        {
            _content.Add(new Step.Erased(_number) { Seq = step.Seq, RecordedAt = step.RecordedAt });
        }

        _content.Add(numbered);
    }
}

/// <summary>Feeds <see cref="PackFollower"/>.</summary>
internal sealed class PackLoop(PackFollower follower, IFollowedLog log, TimeProvider time, ILogger<FollowerLoop> logger)
    : IHostedService, IDisposable
{
    private readonly FollowerLoop _loop = new(follower, log, time, logger);

    /// <summary>The number of the first entry that was not looked at.</summary>
    public long NextSeq => _loop.NextSeq;

    public Task StartAsync(CancellationToken cancellationToken) => _loop.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _loop.StopAsync(cancellationToken);

    public void Dispose() => _loop.Dispose();
}

/// <summary>
/// Packs hold what the erased person's key alone opened in the ledger, under a key that is not destroyed: they go with
/// the person. The next start reads the ledger in their place.
/// </summary>
internal sealed class PackErasure(StepPacks packs) : IErasureStep
{
    public Task EraseAsync(string subjectType, string subjectId, CancellationToken cancellationToken) =>
        packs.RemoveStaleAsync(cancellationToken);
}

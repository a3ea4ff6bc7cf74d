using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Screening.Effectiveness;
using Probity.Server.Access;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Effectiveness;

/// <summary>
/// Tests the engine that serves whenever its lists or its configuration are others than those tested last, once they
/// have stood for a while. Part by part on one thread of low priority; each part is stored, so a restart goes on where
/// it was. Two nodes do no harm: they come to the same parts, and the second complete test is refused by the store.
/// </summary>
internal sealed class EffectivenessSweep(
    LiveEngine live, IDatabase database, Lazy<ILedgerWriter> ledger, TimeProvider time,
    ILogger<EffectivenessSweep> log) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>So long lists must stand before they are tested: several often change one after the other.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(2);

    /// <summary>Tests the engine that serves, unless it has been tested. Goes on where an earlier attempt
    /// ended.</summary>
    /// <returns>Whether a test was completed now.</returns>
    public async Task<bool> TestAsync(CancellationToken cancellationToken)
    {
        if (live.Current is not { } snapshot || await IsTestedAsync(snapshot, cancellationToken))
        {
            return false;
        }

        var test = new EffectivenessTest(snapshot.Engine);
        var set = ListSet.Of(snapshot).Sha256;
        var parts = await StoredAsync(set, cancellationToken);
        for (var number = 0; number < test.Tasks.Length; number++)
        {
            if (parts.ContainsKey(number))
            {
                continue;
            }

            if (!ReferenceEquals(live.Current, snapshot))
            {
                return false; // Another engine serves meanwhile: that one is tested.
            }

            var part = TestPart.Of(await RunAsync(test, test.Tasks[number], cancellationToken));
            await StoreAsync(set, number, part, cancellationToken);
            parts = await StoredAsync(set, cancellationToken);
        }

        return await CompleteAsync(snapshot, set, parts, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        EngineSnapshot? seen = null;
        var since = time.GetUtcNow();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!ReferenceEquals(live.Current, seen))
                {
                    (seen, since) = (live.Current, time.GetUtcNow());
                }
                else if (time.GetUtcNow() - since >= Quiet)
                {
                    await TestAsync(stoppingToken);
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.TestFailed(fault); // Parts that are done stay; the next look goes on.
            }
        }
    }

    // A thread of its own, below the others: a screening that somebody waits for comes first.
    private static Task<EffectivenessPart> RunAsync(
        EffectivenessTest test, EffectivenessTask task, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<EffectivenessPart>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(test.Run(task, cancellationToken));
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        })
        {
            IsBackground = true,
            Name = "effectiveness test",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    private async Task<bool> IsTestedAsync(EngineSnapshot snapshot, CancellationToken cancellationToken)
    {
        var set = ListSet.Of(snapshot).Sha256;
        await using var db = database.CreateContext();
        return await db.Set<TestRow>().AnyAsync(row => row.SetSha256 == set, cancellationToken);
    }

    private async Task<Dictionary<int, TestPartRow>> StoredAsync(string set, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<TestPartRow>().AsNoTracking().Where(row => row.SetSha256 == set)
            .ToDictionaryAsync(row => row.Number, cancellationToken);
    }

    // Another node may have come to it first, and to the same.
    private Task StoreAsync(string set, int number, TestPart part, CancellationToken cancellationToken) =>
        database.SaveAsync(
            async (db, token) =>
            {
                if (!await db.Set<TestPartRow>().AnyAsync(
                    row => row.SetSha256 == set && row.Number == number, token))
                {
                    db.Add(new TestPartRow
                    {
                        SetSha256 = set, Number = number, Part = JsonSerializer.Serialize(part, TestFigures.Json),
                        MadeAt = time.GetUtcNow(),
                    });
                }
            },
            cancellationToken);

    private async Task<bool> CompleteAsync(
        EngineSnapshot snapshot, string set, Dictionary<int, TestPartRow> stored, CancellationToken cancellationToken)
    {
        var parts = stored.OrderBy(row => row.Key).Select(row => JsonSerializer.Deserialize<TestPart>(
            row.Value.Part, TestFigures.Json) ?? throw new JsonException("A stored part is empty.")).ToList();
        var now = time.GetUtcNow();
        var row = new TestRow
        {
            Id = AccessIds.New(TestRow.Prefix, now),
            SetSha256 = set,
            Lists = ListSet.Of(snapshot).ToJson(),
            Configuration = snapshot.Configuration,
            EngineVersion = EngineConfiguration.EngineVersion,
            Threshold = snapshot.Engine.Options.Threshold,
            Parts = JsonSerializer.Serialize(parts, TestFigures.Json),
            StartedAt = stored.Values.Min(part => part.MadeAt),
            FinishedAt = now,
        };
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Add(row);
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
                EffectivenessEvents.Completed, "screening.test.complete", "system_configuration_changed", null,
                ("lists", row.Lists), ("configuration", row.Configuration), ("threshold", row.Threshold / 10_000m),
                ("sums", TestFigures.Sums(parts, row.Threshold))),
            row);
        work.Db.RemoveRange(await work.Db.Set<TestPartRow>().Where(part => part.SetSha256 == set)
            .ToListAsync(cancellationToken));
        await work.CommitAsync(cancellationToken);
        return true;
    }
}

/// <summary>Types of the entries that effectiveness tests leave.</summary>
internal static class EffectivenessEvents
{
    /// <summary>A test is complete; <c>data</c> holds its sums, the row its parts.</summary>
    public const string Completed = "probity.screening.test_completed";

    /// <summary>Somebody signed a test off, or refused to.</summary>
    public const string Signed = "probity.screening.test_signed";
}

internal static partial class EffectivenessLog
{
    [LoggerMessage(1, LogLevel.Error, "The effectiveness test was interrupted; the next look goes on where it was")]
    public static partial void TestFailed(this ILogger log, Exception fault);
}

using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Probity.Server.Storage.Followers;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class FollowerLoopTests
{
    private readonly MemoryLedger _ledger = new();
    private readonly RecordingFollower _follower = new();
    private readonly CountingLog _log = new();

    [Fact]
    public async Task Every_entry_arrives_once_in_order_in_bounded_batches()
    {
        _ledger.Append(2500);
        using var loop = Loop(TimeProvider.System);

        await loop.StartAsync(CancellationToken.None);
        await _follower.ReachedAsync(2500);
        _ledger.Append(1);
        await _follower.ReachedAsync(2501);
        await loop.StopAsync(CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 2501).Select(i => (long)i), _follower.Applied);
        Assert.All(_follower.BatchSizes, size => Assert.InRange(size, 1, FollowerLoop.MostEntries));
        Assert.Equal(2501, loop.NextSeq);
        Assert.Equal(0, _log.Errors);
    }

    [Fact]
    public async Task It_works_on_a_thread_that_makes_way_until_it_is_far_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux keeps a nice value for each thread.");
        _ledger.Append(FollowerLoop.MostYielded + (2 * FollowerLoop.MostEntries));
        using var loop = Loop(TimeProvider.System);

        await loop.StartAsync(CancellationToken.None);
        await _follower.ReachedAsync(FollowerLoop.MostYielded + (2 * FollowerLoop.MostEntries));
        await loop.StopAsync(CancellationToken.None);

        // The two batches that are more than the bound behind, then all others.
        Assert.Single(_follower.Nice[..2].Distinct());
        Assert.All(_follower.Nice[2..], nice => Assert.True(nice > _follower.Nice[0], $"nice {nice}"));
    }

    [Fact]
    public async Task Commits_without_a_signal_are_found_by_looking()
    {
        _ledger.Append(1);
        using var loop = Loop(TimeProvider.System);
        await loop.StartAsync(CancellationToken.None);
        await _follower.ReachedAsync(1);

        _ledger.AppendUnsignalled(3); // another node's
        await _follower.ReachedAsync(4);
        await loop.StopAsync(CancellationToken.None);

        Assert.Equal([0L, 1, 2, 3], _follower.Applied);
    }

    [Fact]
    public async Task After_a_crash_between_apply_and_cursor_entries_come_again_and_none_is_lost()
    {
        _ledger.Append(10);
        _follower.LoseCursorOnce = true;
        using (var loop = Loop(TimeProvider.System))
        {
            await loop.StartAsync(CancellationToken.None);
            await _follower.ReachedAsync(10);
            await loop.StopAsync(CancellationToken.None);
        }

        Assert.Equal(20, _follower.Applied.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), _follower.Applied.Distinct().Order());
    }

    [Fact]
    public async Task A_second_loop_goes_on_where_the_cursor_is()
    {
        _ledger.Append(5);
        using (var first = Loop(TimeProvider.System))
        {
            await first.StartAsync(CancellationToken.None);
            await _follower.ReachedAsync(5);
            await first.StopAsync(CancellationToken.None);
        }

        _ledger.Append(2);
        using var second = Loop(TimeProvider.System);
        await second.StartAsync(CancellationToken.None);
        await _follower.ReachedAsync(7);
        await second.StopAsync(CancellationToken.None);

        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], _follower.Applied);
    }

    [Fact]
    public async Task A_poison_entry_holds_the_follower_at_that_entry_with_one_error_logged()
    {
        _ledger.Append(100);
        _follower.Poison = 42;
        var time = new FakeTimeProvider();
        using var loop = Loop(time);

        await loop.StartAsync(CancellationToken.None);
        await UntilAsync(() => loop.Fault is { Seq: 42, Attempts: > 5 }, time, "the fault at entry 42");
        var fault = loop.Fault;
        var applied = _follower.Applied.Max();
        _follower.Poison = -1;
        await UntilAsync(() => loop.NextSeq == 100 && loop.Fault is null, time, "the end of the log");
        await loop.StopAsync(CancellationToken.None);

        Assert.Equal(41, applied);
        Assert.Equal(nameof(InvalidDataException), fault?.Error);
        Assert.Equal(1, _log.Errors);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), _follower.Applied);
    }

    [Fact]
    public async Task Lag_grows_while_the_follower_fails_and_is_zero_once_it_caught_up()
    {
        var time = new FakeTimeProvider();
        _ledger.Append(1);
        _follower.Poison = 0;
        using var loop = Loop(time);

        await loop.StartAsync(CancellationToken.None);
        await UntilAsync(() => loop.LagTime > TimeSpan.FromMinutes(1), time, "a lag of a minute");
        _follower.Poison = -1;
        await UntilAsync(() => loop.LagTime == TimeSpan.Zero, time, "no lag");
        await loop.StopAsync(CancellationToken.None);

        Assert.Equal(1, loop.NextSeq);
    }

    [Fact]
    public async Task A_gap_in_the_ledger_is_a_fault_and_nothing_is_applied()
    {
        var time = new FakeTimeProvider();
        _ledger.Append(3);
        _ledger.HideFirst = true;
        using var loop = Loop(time);

        await loop.StartAsync(CancellationToken.None);
        await UntilAsync(() => loop.Fault is not null, time, "the fault");
        await loop.StopAsync(CancellationToken.None);

        Assert.Empty(_follower.Applied);
    }

    private FollowerLoop Loop(TimeProvider time) => new(_follower, _ledger, time, _log);

    private static async Task UntilAsync(Func<bool> reached, FakeTimeProvider time, string what)
    {
        for (var i = 0; i < 5000; i++)
        {
            if (reached())
            {
                return;
            }

            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Fail($"Waited in vain for {what}.");
    }

    private sealed class MemoryLedger : IFollowedLog
    {
        private readonly Growth _growth = new();
        private long _size;

        public bool HideFirst { get; set; }

        public long Size => Interlocked.Read(ref _size);

        public void Append(long count) => _growth.Reach(Interlocked.Add(ref _size, count));

        public void AppendUnsignalled(long count) => Interlocked.Add(ref _size, count);

        public async Task WaitBeyondAsync(long size, CancellationToken cancellationToken) =>
            await Task.WhenAny(_growth.ReachedAsync(size + 1), Task.Delay(50, cancellationToken));

        public Task<IReadOnlyList<FollowedEntry>> ReadAsync(long fromSeq, int most, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = HideFirst ? fromSeq + 1 : fromSeq;
            var end = Math.Min(Size, first + most);
            var entries = new List<FollowedEntry>();
            for (var seq = first; seq < end; seq++)
            {
                entries.Add(new FollowedEntry(seq, default));
            }

            return Task.FromResult<IReadOnlyList<FollowedEntry>>(entries);
        }
    }

    /// <summary>A number that grows, and those who wait for it.</summary>
    private sealed class Growth
    {
        private readonly Lock _gate = new();
        private readonly List<(long Value, TaskCompletionSource Reached)> _waiting = [];
        private long _value;

        public void Reach(long value)
        {
            lock (_gate)
            {
                _value = Math.Max(_value, value);
                foreach (var (_, reached) in _waiting.Where(w => w.Value <= _value))
                {
                    reached.TrySetResult();
                }
            }
        }

        public Task ReachedAsync(long value)
        {
            lock (_gate)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((value, reached));
                if (_value >= value)
                {
                    reached.SetResult();
                }

                return reached.Task;
            }
        }
    }

    private sealed class RecordingFollower : IFollower
    {
        private readonly Growth _progress = new();
        private long _cursor;
        private long _poison = -1;

        public string Name => "recording";

        public List<long> Applied { get; } = [];

        public List<int> BatchSizes { get; } = [];

        public bool LoseCursorOnce { get; set; }

        /// <summary>The nice value of the thread that each batch was applied on.</summary>
        public List<int> Nice { get; } = [];

        public long Poison
        {
            get => Interlocked.Read(ref _poison);
            set => Interlocked.Exchange(ref _poison, value);
        }

        public Task ReachedAsync(long next) =>
            _progress.ReachedAsync(next).WaitAsync(TimeSpan.FromSeconds(20));

        public Task<long> ReadCursorAsync(CancellationToken cancellationToken) => Task.FromResult(_cursor);

        public Task ApplyAsync(IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken)
        {
            Nice.Add(NiceOfThisThread());
            if (entries.Any(e => e.Seq == Poison))
            {
                throw new InvalidDataException("poison");
            }

            lock (Applied)
            {
                Applied.AddRange(entries.Select(e => e.Seq));
            }

            BatchSizes.Add(entries.Count);
            if (LoseCursorOnce)
            {
                LoseCursorOnce = false;
                throw new IOException("crashed after applying, before the cursor was stored");
            }

            _cursor = next;
            _progress.Reach(next);
            return Task.CompletedTask;
        }

        // Source: proc(5), /proc/pid/stat, field 19.
        private static int NiceOfThisThread()
        {
            var stat = File.ReadAllText("/proc/thread-self/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
        }
    }

    private sealed class CountingLog : ILogger<FollowerLoop>
    {
        private int _errors;

        public int Errors => Volatile.Read(ref _errors);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
            {
                Interlocked.Increment(ref _errors);
            }
        }
    }
}

using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Xunit;

namespace Probity.Conformance.AuditTrail.Query;

/// <summary>What every search index must do; each store runs all of it.</summary>
public abstract class SearchIndexContract : IAsyncLifetime
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly CancellationToken s_none = CancellationToken.None;

    private protected static TextTokens Tokens { get; } = new(new byte[32]);

    private protected ISearchIndex Index { get; private set; } = null!; // set before each test by InitializeAsync

    public async ValueTask InitializeAsync() => Index = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task A_new_index_is_empty()
    {
        Assert.Equal(0, await Index.ReadCursorAsync(s_none));
        Assert.Empty((await SearchAsync("")).Sequences);
        Assert.Null(await Index.FindSeqAsync("evt_0199f1d2-7c3e-7000-8000-0123456789ab", s_none));
    }

    [Theory]
    [InlineData("")]
    [InlineData("actor=user-3")]
    [InlineData("actor!=user-3")]
    [InlineData("actor=nobody")]
    [InlineData("action=payment.*")]
    [InlineData("action:*")]
    [InlineData("NOT action=payment.*")]
    [InlineData("session:*")]
    [InlineData("NOT session:*")]
    [InlineData("target=acc-7")]
    [InlineData("target=acc-* outcome=failure")]
    [InlineData("target.type=account actor.type=service")]
    [InlineData("outcome=(failure OR denied) role=teller")]
    [InlineData("text:wire")]
    [InlineData("text:\"wire word-17\"")]
    [InlineData("wire OR cash NOT word")]
    [InlineData("seq>=100 seq<200")]
    [InlineData("seq=1")]
    [InlineData("time>=2026-11-01T00:03:00Z time<2026-11-01T00:05:00Z")]
    [InlineData("occurred_at<2026-11-01T00:02:00Z OR occurred_at>=2026-11-01T00:16:00Z")]
    [InlineData("NOT (actor=user-1 OR outcome=success)")]
    [InlineData("trace_id=trace-500")]
    [InlineData("external_id=x-9*")]
    [InlineData("source=core service=ledger")]
    [InlineData("case:* OR ticket:*")]
    [InlineData("on_behalf_of=user-2")]
    [InlineData("type=event request_id=r-12")]
    [InlineData("role=ROLE")]
    public async Task A_filter_finds_what_a_plain_scan_finds(string filter)
    {
        var events = Synthetic.Events(0, 1200).Where(item => item.Seq % 97 != 5).ToList(); // gaps: purged entries
        await ApplyInBatchesAsync(events, 1200, [1, 1, 1, 7, 64, 200, 3, 1, 1, 1, 1, 1, 1, 1, 1, 500]);

        Assert.Equal(Synthetic.Scan(events, EventFilter.Parse(filter, s_now), Tokens), await AllPagesAsync(filter, 50));
    }

    [Fact]
    public async Task Generated_filters_find_what_a_plain_scan_finds()
    {
        var events = Synthetic.Events(0, 3000).ToList();
        await ApplyInBatchesAsync(events, 3000, [250, 13, 400]);
        var random = new Sequence(42);
        for (var i = 0; i < 150; i++)
        {
            var filter = Synthetic.Filter(random, 3);
            var expected = Synthetic.Scan(events, EventFilter.Parse(filter, s_now), Tokens);
            Assert.True(expected.SequenceEqual(await AllPagesAsync(filter, 200)), filter);
        }
    }

    [Fact]
    public async Task Single_events_are_searchable_at_once_and_merged_later()
    {
        for (var seq = 0; seq < 200; seq++)
        {
            await Index.ApplyAsync([.. Synthetic.Events(seq, 1)], seq + 1, s_none);
            Assert.Equal(seq, (await SearchAsync("", size: 1)).Sequences[0]);
        }

        Assert.Equal(200, await Index.ReadCursorAsync(s_none));
        Assert.Equal(200, (await AllPagesAsync("", 64)).Count);
    }

    [Fact]
    public async Task A_batch_above_the_largest_segment_is_split()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 70_000)], 70_000, s_none);

        Assert.Equal(70_000, await Index.ReadCursorAsync(s_none));
        Assert.Equal([69_999, 69_998], (await SearchAsync("", size: 2)).Sequences);
        Assert.Equal([0L], (await SearchAsync("seq=0")).Sequences);
        Assert.Equal(69_500, await Index.FindSeqAsync(Synthetic.IdText(69_500), s_none));
    }

    [Fact]
    public async Task A_repeated_batch_changes_nothing()
    {
        var events = Synthetic.Events(0, 100).ToList();
        await Index.ApplyAsync(events, 100, s_none);
        await Index.ApplyAsync(events, 100, s_none);
        await Index.ApplyAsync([.. Synthetic.Events(50, 100)], 150, s_none);

        Assert.Equal(150, (await AllPagesAsync("", 40)).Count);
    }

    [Fact]
    public async Task Two_writers_at_once_index_each_event_once()
    {
        var batches = Enumerable.Range(0, 20).ToList();
        async Task FollowAsync()
        {
            foreach (var batch in batches)
            {
                await Index.ApplyAsync([.. Synthetic.Events(batch * 10, 10)], (batch + 1) * 10, s_none);
            }
        }

        await Task.WhenAll(Task.Run(FollowAsync), Task.Run(FollowAsync));

        Assert.Equal(Enumerable.Range(0, 200).Reverse().Select(n => (long)n), await AllPagesAsync("", 64));
    }

    [Fact]
    public async Task A_cursor_may_pass_numbers_without_events()
    {
        await Index.ApplyAsync([], 1_000_000, s_none);
        await Index.ApplyAsync([.. Synthetic.Events(1_000_000, 3)], 1_000_003, s_none);

        Assert.Equal([1_000_002, 1_000_001, 1_000_000], (await SearchAsync("")).Sequences);
        Assert.Equal([1_000_002, 1_000_001, 1_000_000], (await SearchAsync("NOT actor=nobody")).Sequences);
    }

    [Fact]
    public async Task Paging_gives_each_match_once_and_keeps_its_snapshot()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 120)], 120, s_none);
        var first = await SearchAsync("", size: 50);
        await Index.ApplyAsync([.. Synthetic.Events(120, 30)], 150, s_none);
        var second = await SearchAsync("", first.NextBefore, 50);
        var third = await SearchAsync("", second.NextBefore, 50);

        Assert.Equal(120, first.AsOfSequence);
        Assert.Equal(Enumerable.Range(0, 120).Reverse().Select(n => (long)n),
            first.Sequences.Concat(second.Sequences).Concat(third.Sequences));
        Assert.Null(third.NextBefore);
    }

    [Fact]
    public async Task A_page_that_ends_with_the_last_match_has_no_next()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 50)], 50, s_none);

        Assert.Null((await SearchAsync("", size: 50)).NextBefore);
        Assert.Equal(1, (await SearchAsync("", size: 49)).NextBefore);
    }

    [Fact]
    public async Task An_id_finds_its_sequence_number()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 500)], 500, s_none);

        Assert.Equal(123, await Index.FindSeqAsync(Synthetic.IdText(123), s_none));
        Assert.Null(await Index.FindSeqAsync(Synthetic.IdText(500), s_none));
        Assert.Null(await Index.FindSeqAsync("evt_nonsense", s_none));
        Assert.Equal([123L], (await SearchAsync($"id={Synthetic.IdText(123)}")).Sequences);
    }

    [Fact]
    public async Task A_dropped_index_is_empty_and_can_be_filled_again()
    {
        await Index.ApplyAsync([.. Synthetic.Events(0, 100)], 100, s_none);
        await Index.DropAsync(s_none);
        Assert.Equal(0, await Index.ReadCursorAsync(s_none));
        Assert.Empty((await SearchAsync("")).Sequences);

        await Index.ApplyAsync([.. Synthetic.Events(0, 40)], 40, s_none);
        Assert.Equal(40, (await AllPagesAsync("", 50)).Count);
    }

    [Fact]
    public async Task Events_out_of_order_are_refused_and_nothing_is_written()
    {
        List<IndexedEvent> events = [.. Synthetic.Events(0, 3)];
        events.Reverse();

        await Assert.ThrowsAsync<ArgumentException>(() => Index.ApplyAsync(events, 3, s_none));
        Assert.Equal(0, await Index.ReadCursorAsync(s_none));
    }

    [Fact]
    public async Task Very_long_and_odd_values_are_found_exactly()
    {
        var shared = new string('é', 300);
        var values = new[] { shared + "1", shared + "2", "'; DROP TABLE x; --", "%_", "\u0001", "Ünal", "a\"b\\c*" };
        var events = values.Select((value, seq) => Synthetic.With(seq, FilterField.ActorId, value)).ToList();
        await Index.ApplyAsync(events, events.Count, s_none);

        for (var seq = 0; seq < values.Length; seq++)
        {
            var escaped = values[seq].Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal)
                .Replace("\u0001", "\\u0001", StringComparison.Ordinal);
            Assert.Equal([seq], (await SearchAsync($"actor=\"{escaped}\"")).Sequences);
        }

        Assert.Equal([1, 0], (await SearchAsync("actor=éé*")).Sequences);
    }

    /// <summary>Small segments wait for their merge, dozens of them: what is in the oldest counts too.</summary>
    [Fact]
    public async Task Values_are_completed_from_the_oldest_of_many_small_segments()
    {
        await Index.ApplyAsync([Synthetic.With(0, FilterField.Action, "once.only")], 1, s_none);
        int[] sizes = [63, .. Enumerable.Repeat(64, 6), .. Enumerable.Repeat(8, 7), .. Enumerable.Repeat(1, 7)];
        foreach (var size in sizes)
        {
            var next = await Index.ReadCursorAsync(s_none);
            await Index.ApplyAsync([.. Synthetic.Events(next, size)], next + size, s_none);
        }

        var found = await Index.FindValuesAsync(FilterField.Action, "once", 5, s_none);
        Assert.Equal([new ValueCount("once.only", 1)], found);
        Assert.Empty(await Index.FindValuesAsync(FilterField.Action, "twice", 5, s_none));
    }

    [Fact]
    public async Task Searches_beside_a_writer_never_see_half_a_merge()
    {
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var cursor = await Index.ReadCursorAsync(s_none);
                var page = await Index.SearchAsync(new SearchQuery(EventFilter.Everything, null, 1000), s_none);
                Assert.True(page.AsOfSequence >= cursor);
                Assert.Equal(Enumerable.Range(0, (int)page.AsOfSequence).Reverse().Take(1000).Select(n => (long)n), page.Sequences);
            }
        });
        for (var seq = 0; seq < 600; seq += 3)
        {
            await Index.ApplyAsync([.. Synthetic.Events(seq, 3)], seq + 3, s_none);
        }

        await stop.CancelAsync();
        await reading;
    }

    private protected abstract ValueTask<ISearchIndex> OpenAsync();

    private Task<SearchPage> SearchAsync(string filter, long? before = null, int size = 50) =>
        Index.SearchAsync(new SearchQuery(EventFilter.Parse(filter, s_now), before, size), s_none);

    private async Task<List<long>> AllPagesAsync(string filter, int size)
    {
        var all = new List<long>();
        long? before = null;
        do
        {
            var page = await SearchAsync(filter, before, size);
            all.AddRange(page.Sequences);
            before = page.NextBefore;
        }
        while (before is not null);
        return all;
    }

    private async Task ApplyInBatchesAsync(List<IndexedEvent> events, int end, int[] sizes)
    {
        var from = 0;
        for (var i = 0; from < end; i++)
        {
            var to = Math.Min(end, from + sizes[i % sizes.Length]);
            await Index.ApplyAsync(
                [.. events.Where(item => item.Seq >= from && item.Seq < to)], to, s_none);
            from = to;
        }
    }
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage.Commits;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>An event is found by its id however far behind the search index is.</summary>
public sealed class EventFinderTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const int Events = 80;
    private const int MostScanned = 20;

    [Fact]
    public async Task An_event_is_found_while_the_index_stands_still()
    {
        var ids = new List<string>();
        for (var i = 0; i < Events; i++)
        {
            using var answer = await server.Http.PostAsJsonAsync(
                "/api/v1/events", new { action = "finder.test", actor = new { id = "finder" } });
            ids.Add((await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<string>());
        }

        var finder = new EventFinder(
            server.Services.GetRequiredService<ILedgerStore>(), server.Services.GetRequiredService<LedgerReader>(),
            new StandingIndex()) { MostScanned = MostScanned };

        foreach (var id in ids)
        {
            var found = await finder.FindAsync(id, TestContext.Current.CancellationToken);
            Assert.Equal(id, EntryReader.ReadId(found.Body.Span));
        }

        // Nobody can tell that there is no such event, as long as the index has not come so far.
        await Assert.ThrowsAsync<LedgerIndexLagException>(() => finder.FindAsync(
            EntryIds.New(TimeProvider.System.GetUtcNow().AddMinutes(-1)), TestContext.Current.CancellationToken));
        var patient = new EventFinder(
            server.Services.GetRequiredService<ILedgerStore>(), server.Services.GetRequiredService<LedgerReader>(),
            new StandingIndex());
        await Assert.ThrowsAsync<RefusedException>(() => patient.FindAsync(
            EntryIds.New(TimeProvider.System.GetUtcNow()), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_event_recorded_by_a_clock_that_was_set_back_is_found_in_a_short_tail()
    {
        var early = EntryIds.New(TimeProvider.System.GetUtcNow().AddHours(1)); // Recorded an hour before its own time.
        await server.Services.GetRequiredService<ILedgerWriter>().AppendAsync(
            new AppendRequest(
            [
                new EntryDraft
                {
                    Id = early,
                    Type = "finder.test",
                    Action = "finder.test",
                    Actor = new EntryActor("service", "finder"),
                },
            ]),
            TestContext.Current.CancellationToken);
        var store = server.Services.GetRequiredService<ILedgerStore>();
        var reader = server.Services.GetRequiredService<LedgerReader>();

        var found = await new EventFinder(store, reader, new StandingIndex()).FindAsync(
            early, TestContext.Current.CancellationToken);

        Assert.Equal(early, EntryReader.ReadId(found.Body.Span));
        await Assert.ThrowsAsync<LedgerIndexLagException>(
            () => new EventFinder(store, reader, new StandingIndex()) { MostScanned = 0 }.FindAsync(
                early, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_time_of_an_id_is_that_it_was_made_at()
    {
        var at = DateTimeOffset.Parse("2026-11-28T17:14:50.140Z", System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(at, EntryIds.TimeOf(EntryIds.New(at.AddTicks(7_999))));
    }

    /// <summary>An index that nothing has come to.</summary>
    private sealed class StandingIndex : ISearchIndex
    {
        public Task<long> ReadCursorAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        public Task<long?> FindSeqAsync(string id, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public Task ApplyAsync(IReadOnlyList<IndexedEvent> events, long nextSeq, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<EventTimeline> CountAsync(TimelineQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<ValueCount>> FindValuesAsync(
            FilterField field, string prefix, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DropAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Probity.Hammer.Load;

namespace Probity.Hammer.Search;

/// <summary>One kind of question an analyst or examiner puts to the audit trail.</summary>
/// <param name="Name">The kind, as the report names it.</param>
/// <param name="Filter">A filter of this kind.</param>
/// <param name="MayFindNothing">Whether an empty answer is a right one.</param>
/// <param name="Pages">How many pages are turned; each counts as a search.</param>
internal sealed record SearchQuestion(
    string Name, Func<Draw, string> Filter, bool MayFindNothing = false, int Pages = 1)
{
    private const int PageSize = 50;

    public static IReadOnlyList<SearchQuestion> All { get; } =
    [
        new("newest", _ => ""),
        new("actor", draw => $"actor=\"{SearchEvents.ActorId(draw.Next(SearchEvents.Actors))}\""),
        new("busiest actor", draw => $"actor=\"{SearchEvents.ActorId(draw.Next(5))}\""),
        new("account", draw => $"target=\"{SearchEvents.AccountId(draw.Next(SearchEvents.Accounts))}\""),
        new("action", draw => $"action=\"{One(ref draw, SearchEvents.Actions)}\""),
        new("action, denied or failed", draw =>
            $"action=\"{One(ref draw, SearchEvents.Actions)}\" outcome=(failure OR denied)"),
        new("actor, denied, last week", draw =>
            $"actor=\"{SearchEvents.ActorId(draw.Skewed(SearchEvents.Actors))}\" outcome=denied "
            + $"occurred_at>=\"{Day(7)}\"", true),
        new("an hour of a day", draw => Hour(1 + draw.Next(28), draw.Next(23))),
        new("one word", draw => $"text=\"{One(ref draw, SearchEvents.Words)}\""),
        new("two words", draw =>
            $"text=\"{One(ref draw, SearchEvents.Words)}\" text=\"{One(ref draw, SearchEvents.Words)}\""),
        new("a word of one actor", draw =>
            $"actor=\"{SearchEvents.ActorId(draw.Skewed(500))}\" text=\"{One(ref draw, SearchEvents.Words)}\"", true),
        new("nobody", draw => $"actor=\"nobody-{draw.Next(1_000_000)}\"", true),
        new("ten pages", draw => $"action=\"{One(ref draw, SearchEvents.Actions)}\"", false, 10),
    ];

    /// <summary>Asks in turn, each time something else; counts the events of all answers.</summary>
    public async Task<(LatencyHistogram Latencies, long Found)> AskAsync(
        HttpClient client, int rounds, CancellationToken cancellationToken)
    {
        var (latencies, found) = (new LatencyHistogram(), 0L);
        for (var round = 0; round < rounds; round++)
        {
            var filter = Uri.EscapeDataString(Filter(new Draw(round + 1)));
            var path = $"/api/v1/events?page_size={PageSize}&filter={filter}";
            var token = "";
            for (var page = 0; page < Pages && token is not null; page++)
            {
                var started = Stopwatch.GetTimestamp();
                using var answer = JsonDocument.Parse(await client.GetStringAsync(
                    token.Length == 0 ? path : path + "&page_token=" + Uri.EscapeDataString(token), cancellationToken));
                latencies.Record(started, Stopwatch.GetTimestamp());
                found += answer.RootElement.GetProperty("events").GetArrayLength();
                token = answer.RootElement.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
            }
        }

        return (latencies, found);
    }

    private static string One(ref Draw draw, IReadOnlyList<string> of) => of[draw.Next(of.Count)];

    private static string Day(int ago) => Instant(TimeProvider.System.GetUtcNow().AddDays(-ago));

    private static string Hour(int daysAgo, int hour)
    {
        var from = TimeProvider.System.GetUtcNow().Date.AddDays(-daysAgo).AddHours(hour);
        return $"occurred_at>=\"{Instant(from)}\" occurred_at<\"{Instant(from.AddHours(1))}\"";
    }

    private static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

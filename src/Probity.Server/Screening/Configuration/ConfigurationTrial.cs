using System.Text.Json;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening.Configuration;

/// <summary>An alert that only one of two configurations raises.</summary>
/// <param name="Entry">The entry of the stored question.</param>
/// <param name="Name">Who was asked about.</param>
/// <param name="List">The list.</param>
/// <param name="EntityUid">The list's id of the entry.</param>
/// <param name="Listed">The listed name that matches.</param>
/// <param name="Score">0 to 1, by the configuration that alerts.</param>
internal sealed record TriedAlert(
    string Entry, string Name, string List, string EntityUid, string Listed, decimal Score);

/// <summary>What a trial came to.</summary>
internal sealed record TrialReport
{
    /// <summary>Stored questions that were asked again.</summary>
    public required int Questions { get; init; }

    /// <summary>Questions of persons who were erased meanwhile: nothing is left to ask.</summary>
    public required int Erased { get; init; }

    /// <summary>The first and the last entry looked at.</summary>
    public required long FromSeq { get; init; }

    public required long ToSeq { get; init; }

    /// <summary>Alerts under the configuration in force, on the lists of now.</summary>
    public required int AlertsBefore { get; init; }

    /// <summary>Alerts under the draft.</summary>
    public required int AlertsAfter { get; init; }

    public required int WonCount { get; init; }

    public required int LostCount { get; init; }

    /// <summary>Alerts that the draft would add, the highest scores first; as many as are shown.</summary>
    public required IReadOnlyList<TriedAlert> Won { get; init; }

    /// <summary>Alerts that the draft would drop, the highest scores first; as many as are shown.</summary>
    public required IReadOnlyList<TriedAlert> Lost { get; init; }
}

/// <summary>
/// Asks stored questions again under the configuration in force and under a draft, both on the lists of now, so that
/// the difference is that of the configuration alone. Newest entries first, bounded in questions and in entries read.
/// </summary>
internal sealed class ConfigurationTrial(ILedgerStore store, EntryOpener opener)
{
    /// <summary>The most questions of a trial.</summary>
    public const int MostQuestions = 2_000;

    private const int Page = 512;
    private const long MostEntries = 200_000;
    private const int MostShown = 100;

    public async Task<TrialReport> RunAsync(
        EngineSnapshot live, ScreeningOptions draft, CancellationToken cancellationToken)
    {
        var head = await store.ReadHeadAsync(cancellationToken);
        var size = head?.Size ?? 0;
        var tried = new Tried(live.Engine, live.Engine.Options.Threshold, EngineOf(live, draft), draft.Threshold);
        var next = size;
        while (next > 0 && size - next < MostEntries && tried.Questions + tried.Erased < MostQuestions)
        {
            var from = Math.Max(0, next - Page);
            var entries = await store.ReadEntriesAsync(from, (int)(next - from), cancellationToken);
            foreach (var entry in entries.Where(entry => IsAnswer(entry.Body)).Reverse())
            {
                if (tried.Questions + tried.Erased < MostQuestions)
                {
                    tried.Take(await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken));
                }
            }

            next = from;
        }

        return tried.Report(next, size);
    }

    // A threshold needs no other engine; the policy for weak names does.
    private static ScreeningEngine EngineOf(EngineSnapshot live, ScreeningOptions draft) =>
        EngineConfiguration.HashOf(live.Engine.Options with { Threshold = draft.Threshold })
            == EngineConfiguration.HashOf(draft)
            ? live.Engine : LiveEngine.Build(live.Lists, draft).Engine;

    // The type is plain in every entry; only answers are worth decrypting.
    private static bool IsAnswer(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("type", out var type)
            && (type.ValueEquals(MatchEvents.Answered) || type.ValueEquals(ContinuousEvents.Screened));
    }

    private sealed class Tried(ScreeningEngine before, int thresholdBefore, ScreeningEngine after, int thresholdAfter)
    {
        private readonly List<TriedAlert> _won = [];
        private readonly List<TriedAlert> _lost = [];
        private int _before;
        private int _after;

        public int Questions { get; private set; }

        public int Erased { get; private set; }

        public void Take(OpenedEntry entry)
        {
            if (entry.Json["data"]?["question"] is not { } asked || entry.Json["data"]?["answer"] is null)
            {
                Erased++;
                return;
            }

            Questions++;
            using var stored = JsonDocument.Parse(asked.ToJsonString());
            var question = Question.Read(stored.RootElement);
            var old = AnswerWriter.Matches(before, question with { Threshold = thresholdBefore });
            var fresh = AnswerWriter.Matches(after, question with { Threshold = thresholdAfter });
            (_before, _after) = (_before + old.Count, _after + fresh.Count);
            var id = entry.Json["id"]?.GetValue<string>() ?? "";
            var name = question.Queries[0].Name;
            _won.AddRange(Only(fresh, old).Select(match => AlertOf(id, name, match)));
            _lost.AddRange(Only(old, fresh).Select(match => AlertOf(id, name, match)));
        }

        public TrialReport Report(long from, long size) => new()
        {
            Questions = Questions,
            Erased = Erased,
            FromSeq = from,
            ToSeq = Math.Max(0, size - 1),
            AlertsBefore = _before,
            AlertsAfter = _after,
            WonCount = _won.Count,
            LostCount = _lost.Count,
            Won = Shown(_won),
            Lost = Shown(_lost),
        };

        private static IEnumerable<ScreeningMatch> Only(
            IReadOnlyList<ScreeningMatch> these, IReadOnlyList<ScreeningMatch> others) =>
            these.Where(match => !others.Any(other => KeyOf(other) == KeyOf(match)));

        private static (ListId, string) KeyOf(ScreeningMatch match) => (match.Entity.List, match.Entity.Uid);

        private static TriedAlert AlertOf(string entry, string name, ScreeningMatch match) => new(
            entry, name, match.Entity.List.Value, match.Entity.Uid, match.Name?.Full ?? match.Entity.DisplayName,
            match.Score / 10_000m);

        private static IReadOnlyList<TriedAlert> Shown(List<TriedAlert> alerts) =>
            [.. alerts.OrderByDescending(alert => alert.Score).ThenBy(alert => alert.Entry, StringComparer.Ordinal)
                .Take(MostShown)];
    }
}

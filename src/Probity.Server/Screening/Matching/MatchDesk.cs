using System.Text;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Screening.Matching;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Screening.Lists;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Matching;

/// <summary>An answer and its place in the ledger.</summary>
/// <param name="EntryId">The id of the entry that holds question and answer.</param>
/// <param name="Json">The answer, canonical JSON.</param>
internal sealed record GivenAnswer(string EntryId, byte[] Json);

/// <summary>What one request gets.</summary>
/// <param name="Answers">The answers, in the order of the questions.</param>
/// <param name="Stale">The live lists that nobody has asked their publisher for in too long.</param>
/// <param name="Receipt">Where they are in the ledger.</param>
internal sealed record GivenAnswers(
    IReadOnlyList<GivenAnswer> Answers, IReadOnlyList<string> Stale, AppendReceipt Receipt);

/// <summary>
/// Screens and records: an answer is given only together with the entry that holds it, every question of a request in
/// one commit. Thread safe.
/// </summary>
internal sealed class MatchDesk(
    LiveEngine live, ListAges ages, IDatabase database, Lazy<ILedgerWriter> ledger)
{
    /// <summary>The score from which a match is an alert, 0 to 10,000, for who names none.</summary>
    public int Threshold => (live.Current?.Engine.Options ?? ScreeningOptions.Default).Threshold;

    /// <summary>Answers the questions of one request, in their order.</summary>
    /// <param name="questions">At least one, by the caller's own names.</param>
    /// <param name="entry">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">screening.not_ready: no list is live; nothing is screened.</exception>
    public async Task<GivenAnswers> AnswerAsync(
        IReadOnlyList<Question> questions, AccessEntry entry, CancellationToken cancellationToken)
    {
        var snapshot = live.Current ?? throw new ProblemException(ErrorCodes.ScreeningNotReady);
        var stale = await ages.StaleAsync(
            snapshot.Lists.Select(list => list.Read.List.Version.List.Value), cancellationToken);
        var answers = new byte[questions.Count][];
        Parallel.For(0, answers.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            answers[i] = AnswerWriter.Answer(snapshot, questions[i]));

        await using var work = new UnitOfWork(database, ledger.Value);
        var given = new List<GivenAnswer>(answers.Length);
        for (var i = 0; i < answers.Length; i++)
        {
            var draft = Draft(entry, questions[i], answers[i], stale);
            work.Record(draft);
            given.Add(new GivenAnswer(draft.Id, answers[i]));
        }

        return new GivenAnswers(given, stale, await work.CommitAsync(cancellationToken));
    }

    private static EntryDraft Draft(AccessEntry entry, Question question, byte[] answer, IReadOnlyList<string> stale)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WritePropertyName("question");
            question.Write(json);
            json.WritePropertyName("answer");
            json.WriteRawValue(answer);
            json.WriteStartArray("stale_lists");
            foreach (var list in stale)
            {
                json.WriteStringValue(list);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return entry.Draft(MatchEvents.Answered, "screening.match", "sensitive_read", null) with
        {
            DataJson = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length),
        };
    }
}

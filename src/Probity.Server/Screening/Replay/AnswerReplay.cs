using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening.Replay;

/// <summary>Compares stored answers with those that the same engine gives to the same questions now.</summary>
internal sealed class AnswerReplay(EngineArchive engines)
{
    public long Answers { get; private set; }

    public long Identical { get; private set; }

    /// <summary>Answers whose person was erased; there is nothing left to compare.</summary>
    public long Erased { get; private set; }

    /// <summary>Answers that an engine with other weights gave, which this build cannot judge.</summary>
    public long OtherEngine { get; private set; }

    public List<long> Different { get; } = [];

    /// <summary>Takes one entry that holds question and answer: <see cref="MatchEvents.Answered"/>, or a screening of
    /// a customer.</summary>
    public async Task TakeAsync(long seq, OpenedEntry entry, CancellationToken cancellationToken)
    {
        Answers++;
        if (entry.Json["data"]?["answer"] is not JsonObject answer || entry.Json["data"]!["question"] is not { } asked)
        {
            Erased++;
            return;
        }

        var snapshot = answer["engine"]!["version"]!.GetValue<int>() != EngineConfiguration.EngineVersion
            ? null
            : await engines.OfAsync(
                [.. answer["lists"]!.AsArray().Select(list => list!["version"]!.GetValue<string>())],
                answer["engine"]!["configuration"]!.GetValue<string>(), cancellationToken);
        if (snapshot is null)
        {
            OtherEngine++;
            return;
        }

        using var question = JsonDocument.Parse(asked.ToJsonString());
        var again = AnswerWriter.Answer(snapshot, Question.Read(question.RootElement));
        if (CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(answer.ToJsonString())).AsSpan().SequenceEqual(again))
        {
            Identical++;
        }
        else
        {
            Different.Add(seq);
        }
    }
}

using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Matching;

/// <summary>Screening over the API.</summary>
internal static class MatchEndpoints
{
    private const string Tag = "screening";
    private const int MaxQueries = 100;
    private const long MaxBodyBytes = 1024 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/screening/match", MatchAsync)
            .RequiresPermission(Permission.Screen).Records(MatchEvents.Answered).LimitsBody(MaxBodyBytes)
            .WithName("matchEntities")
            .WithSummary("Screen up to 100 persons, organisations, vessels or identifiers against the live lists")
            .WithRequestExample(
                """{"queries":{"q1":{"schema":"Person","properties":{"name":["Jon Doe"],"birthDate":["1980"]}}}}""")
            .WithTags(Tag);
        api.MapPost("/screening/search", SearchAsync)
            .RequiresPermission(Permission.Screen).Records(MatchEvents.Answered).LimitsBody(MaxBodyBytes)
            .WithName("searchLists").WithSummary("Screen one name or identifier")
            .WithRequestExample("""{"name":"Jon Doe","type":"person","dob":"1980","country":"ru"}""").WithTags(Tag);
    }

    private static async Task MatchAsync(
        HttpContext http, MatchRequest request, decimal? threshold, int? limit, MatchDesk desk, TimeProvider time)
    {
        if (request.Queries is null or { Count: 0 or > MaxQueries })
        {
            throw new ProblemException(ErrorCodes.RequestBadField)
            {
                Faults =
                [
                    new("/queries", ErrorCodes.RequestBadField.Code, $"Give 1 to {MaxQueries} queries by your names."),
                ],
            };
        }

        var names = request.Queries.Keys.ToList();
        var questions = names.ConvertAll(name =>
            Question.Read(request.Queries[name], "/queries/" + name, threshold, limit, desk.Threshold));
        var (answers, stale, receipt) = await desk.AnswerAsync(
            questions, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WriteStartObject("responses");
            for (var i = 0; i < answers.Count; i++)
            {
                json.WritePropertyName(names[i]);
                WriteAnswer(json, questions[i], answers[i]);
            }

            json.WriteEndObject();
            WriteReceipt(json, stale, receipt);
        });
    }

    private static async Task SearchAsync(
        HttpContext http, SearchRequest request, MatchDesk desk, TimeProvider time)
    {
        var question = Question.Read(request.ToQuery(), "", request.Threshold, request.Limit, desk.Threshold);
        var (answers, stale, receipt) = await desk.AnswerAsync(
            [question], AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WritePropertyName("response");
            WriteAnswer(json, question, answers[0]);
            WriteReceipt(json, stale, receipt);
        });
    }

    private static void WriteAnswer(Utf8JsonWriter json, Question question, GivenAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("entry", answer.EntryId);
        json.WritePropertyName("question");
        question.Write(json);
        json.WritePropertyName("answer");
        json.WriteRawValue(answer.Json);
        json.WriteEndObject();
    }

    private static void WriteReceipt(Utf8JsonWriter json, IReadOnlyList<string> stale, AppendReceipt receipt)
    {
        json.WriteStartArray("stale_lists");
        foreach (var list in stale)
        {
            json.WriteStringValue(list);
        }

        json.WriteEndArray();
        json.WriteString("log", receipt.Log);
        json.WriteNumber("first_seq", receipt.FirstSeq);
        json.WriteString("checkpoint", receipt.Checkpoint);
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }
}

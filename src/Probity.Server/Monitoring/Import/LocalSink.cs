using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Monitoring.Import;

/// <summary>Judges lines in the data folder itself, as its server would.</summary>
internal sealed class LocalSink : ITransactionSink
{
    private const string MessageSource = "tazama";

    private readonly LocalLedger _ledger;
    private readonly DecisionDesk _desk;
    private readonly IngestLine _ingest;
    private readonly AccessEntry _entry;

    private LocalSink(LocalLedger ledger)
    {
        _ledger = ledger;
        _desk = ledger.Services.GetRequiredService<DecisionDesk>();
        _ingest = ledger.Services.GetRequiredService<IngestLine>();
        _entry = new AccessEntry(
            Caller.Server.ToActor(), null, ledger.Services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Opens the data folder.</summary>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the modules that monitoring needs.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async Task<LocalSink> OpenAsync(
        VerbContext context, Action<IServiceCollection> more, CancellationToken cancellationToken)
    {
        var sink = new LocalSink(await LocalLedger.OpenAsync(context, cancellationToken, more));
        await sink._desk.StartAsync(cancellationToken);
        return sink;
    }

    public async Task<IReadOnlyList<JsonObject>> SendAsync(
        IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        var answers = new List<Task<JsonObject>>(lines.Count);
        foreach (var text in lines)
        {
            var line = Encoding.UTF8.GetBytes(text);
            if (IngestLine.IsReversal(line))
            {
                await Task.WhenAll(answers); // What it takes back is judged first.
                answers.Add(Task.FromResult(await AskAsync(line, cancellationToken)));
            }
            else
            {
                answers.Add(AskAsync(line, cancellationToken));
            }
        }

        return await Task.WhenAll(answers);
    }

    public async ValueTask DisposeAsync()
    {
        await _desk.StopAsync(CancellationToken.None);
        await _ledger.DisposeAsync();
    }

    private async Task<JsonObject> AskAsync(byte[] line, CancellationToken cancellationToken)
    {
        Action<Utf8JsonWriter> answer;
        try
        {
            answer = await _ingest.AskAsync(line, MessageSource, _entry, cancellationToken);
        }
        catch (Hosting.Problems.ProblemException refused)
        {
            answer = to => TransactionIngest.Write(to, refused);
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            answer(json);
            json.WriteEndObject();
        }

        return JsonNode.Parse(buffer.ToArray())!.AsObject();
    }
}

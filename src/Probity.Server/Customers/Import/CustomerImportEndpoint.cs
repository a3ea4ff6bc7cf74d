using System.Text;
using System.Text.Json;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;

namespace Probity.Server.Customers.Import;

/// <summary>
/// POST /customers:import: NDJSON, or a table as <c>text/csv</c>. One result line comes out for each line, as soon as
/// it is committed, and a summary at the end: that is the progress.
/// </summary>
internal static class CustomerImportEndpoint
{
    private const long MaxBodyBytes = 256L << 20;

    /// <summary>A table is read on one thread, so it is taken into memory first.</summary>
    private const int MaxTableBytes = 64 << 20;

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/customers:import", ImportAsync)
            .RequiresPermission(Permission.ManageCustomers).Records(CustomerEvents.Recorded).LimitsBody(MaxBodyBytes)
            .DisableRequestTimeout()
            .WithName("importCustomers")
            .WithSummary("Register many customers, NDJSON or text/csv; one result line for each, then a summary")
            .WithTags("customers");

    private static async Task ImportAsync(HttpContext http, CustomerImport import, TimeProvider time)
    {
        var caller = http.RequireCaller();
        using var table = await TableAsync(http.Request, http.RequestAborted);
        var lines = table is null
            ? CustomerLines.NdjsonAsync(RequestBody.Decoded(http.Request), http.RequestAborted)
            : CustomerLines.CsvAsync("the table", table);
        http.Response.ContentType = "application/x-ndjson";
        await using var writer = new ImportResultWriter(http.Response.Body);
        await foreach (var result in import.RunAsync(
            lines, caller.ScopeOf(Permission.ManageCustomers), AccessEntry.Of(http, caller, time),
            http.RequestAborted))
        {
            await writer.WriteAsync(result, http.RequestAborted);
        }

        await writer.FinishAsync(http.RequestAborted);
    }

    private static async Task<StreamReader?> TableAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        using var body = await RequestBody.ReadAsync(
            request, MaxTableBytes, "request.body_too_large", cancellationToken);
        return new StreamReader(
            new MemoryStream(body.Memory.ToArray()), new UTF8Encoding(false, throwOnInvalidBytes: true));
    }
}

/// <summary>Writes result lines: <c>{"line":1,"outcome":"created","id":"cus_…","version":1}</c>.</summary>
internal sealed class ImportResultWriter(Stream output) : IAsyncDisposable
{
    /// <summary>So many lines are gathered before they are sent.</summary>
    private const int FlushEvery = 50;

    private readonly MemoryStream _buffer = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal)
    {
        ["created"] = 0, ["changed"] = 0, ["unchanged"] = 0, ["refused"] = 0,
    };

    private int _gathered;

    public async Task WriteAsync(ImportLineResult result, CancellationToken cancellationToken)
    {
        Line(json => Write(json, result));
        if (++_gathered >= FlushEvery)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        Line(json =>
        {
            json.WriteStartObject("summary");
            json.WriteNumber("lines", _counts.Values.Sum());
            foreach (var (name, count) in _counts)
            {
                json.WriteNumber(name, count);
            }

            json.WriteEndObject();
        });
        await FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _buffer.DisposeAsync();

    private void Write(Utf8JsonWriter json, ImportLineResult result)
    {
        json.WriteNumber("line", result.Line);
        switch (result.Outcome)
        {
            case CustomerOutcome.Kept kept:
                _counts[kept.What]++;
                json.WriteString("outcome", kept.What);
                json.WriteString("id", kept.Row.Id);
                json.WriteString("external_id", kept.Row.ExternalId);
                json.WriteNumber("version", kept.Row.Version);
                break;
            case CustomerOutcome.Refused refused:
                _counts["refused"]++;
                json.WriteString("outcome", "refused");
                WriteProblem(json, refused.Problem);
                break;
        }
    }

    private static void WriteProblem(Utf8JsonWriter json, Hosting.Problems.ProblemException problem)
    {
        json.WriteStartObject("problem");
        json.WriteString("code", problem.Code.Code);
        json.WriteString("detail", problem.Detail ?? problem.Code.Title);
        json.WriteStartArray("errors");
        foreach (var fault in problem.Faults ?? [])
        {
            json.WriteStartObject();
            json.WriteString("pointer", fault.Pointer);
            json.WriteString("detail", fault.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Line(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(_buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        _buffer.WriteByte((byte)'\n');
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_buffer.GetBuffer().AsMemory(0, (int)_buffer.Length), cancellationToken);
        await output.FlushAsync(cancellationToken);
        _buffer.SetLength(0);
        _gathered = 0;
    }
}

using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Exporting;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Cli;

/// <summary><c>probity ledger export</c>: through the server that holds the folder, or straight from the store.</summary>
internal static class ExportBody
{
    public static async Task<int> RunAsync(
        ExportRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var order = new ExportOrder(request.Format, request.From, request.To, request.Filter);
        if (request.Format is "tlog" && request.Target is null)
        {
            throw new ExpectedFaultException("The tlog format is a folder.", "Name it with --output DIR.");
        }

        if (context.TryGetServer(out var server))
        {
            await ThroughServerAsync(server, order, request.Target, cancellationToken);
        }
        else
        {
            await LocalAsync(context, order, request.Target, cancellationToken);
        }

        if (request.Target is { } target)
        {
            var check = request.Format is "tlog" or "pack" ? $" Check it with: probity-verify {target}" : "";
            await context.Error.WriteLineAsync($"Written to {target}.{check}");
        }

        return ExitCode.Done;
    }

    private static async Task LocalAsync(
        VerbContext context, ExportOrder order, string? target, CancellationToken cancellationToken)
    {
        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
        var exporter = ledger.Services.GetRequiredService<EventExporter>();
        var head = await ledger.Services.GetRequiredService<LedgerReader>().HeadAsync(cancellationToken);
        try
        {
            ExportEndpoint.Check(order, head.Size);
        }
        catch (RefusedException refused)
        {
            throw new ExpectedFaultException(refused.Message, "Correct the options.", cause: refused);
        }

        await RecordAsync(ledger, order, head.Size, cancellationToken);
        if (order.Format == "tlog")
        {
            var progress = context.IsJson ? null : new RunningCount(context.Error, TimeProvider.System, "entries");
            await exporter.WriteLogAsync(target!, progress, cancellationToken); // Required above.
            progress?.End();
            return;
        }

        await using var output = Open(target);
        await exporter.WriteAsync(order, output, cancellationToken);
    }

    private static Task<AppendReceipt> RecordAsync(
        LocalLedger ledger, ExportOrder order, long size, CancellationToken cancellationToken) =>
        ledger.Services.GetRequiredService<ILedgerWriter>().AppendAsync(
            new Storage.Commits.AppendRequest(
            [
                new EntryDraft
                {
                    Id = EntryIds.New(TimeProvider.System.GetUtcNow()),
                    Type = ExportEndpoint.Exported,
                    Action = "ledger.export",
                    Actor = new EntryActor("operating_system_user", Environment.UserName),
                    DataJson = JsonSerializer.Serialize(order.ToData(size)),
                },
            ]),
            cancellationToken);

    private static async Task ThroughServerAsync(
        ServerAddress server, ExportOrder order, string? target, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        var query = $"format={order.Format}&from={order.From}"
            + (order.To is { } to ? $"&to={to}" : "")
            + (order.Filter is { } filter ? $"&filter={Uri.EscapeDataString(filter)}" : "");
        using var response = await http.GetAsync(
            new Uri(server.Url, "/api/v1/ledger:export?" + query),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
            throw new ExpectedFaultException(
                $"The server answered {(int)response.StatusCode}: {problem?["detail"] ?? problem?["title"]}",
                "Correct the options.");
        }

        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (order.Format == "tlog")
        {
            Directory.CreateDirectory(target!); // Required by the caller.
            await TarFile.ExtractToDirectoryAsync(content, target!, overwriteFiles: false, cancellationToken);
            return;
        }

        await using var output = Open(target);
        await content.CopyToAsync(output, cancellationToken);
    }

    private static Stream Open(string? target) => target is null
        ? Console.OpenStandardOutput()
        : new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None);
}

using System.Formats.Tar;
using Microsoft.AspNetCore.Http.Features;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Exporting;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.AuditTrail.Api;

/// <summary>GET /ledger:export: streams the ledger out. The export is an entry before its first byte leaves.</summary>
internal sealed class ExportEndpoint(
    EventExporter exporter, LedgerReader reader, ReadRecorder reads, ProbitySettings settings)
{
    public const string Exported = "probity.ledger.exported";

    public async Task ExportAsync(HttpContext http, string? format, long? from, long? to, string? filter)
    {
        var order = new ExportOrder(format ?? "ndjson", from ?? 0, to, filter);
        var head = await reader.HeadAsync(http.RequestAborted);
        Check(order, head.Size);
        await reads.RecordAsync(http, Exported, "ledger.export", order.ToData(head.Size));
        http.Response.ContentType = ContentType(order.Format);
        if (order.Format == "tlog")
        {
            await WriteTarAsync(http);
            return;
        }

        if (http.Features.Get<IHttpBodyControlFeature>() is { } body)
        {
            body.AllowSynchronousIO = true; // The zip of a pack is written synchronously, a few kilobytes at a time.
        }

        await exporter.WriteAsync(order, http.Response.Body, http.RequestAborted);
    }

    public static void Check(ExportOrder order, long size)
    {
        if (!ExportOrder.Formats.Contains(order.Format))
        {
            throw new RefusedException(
                "query.bad_value", "/format", $"Formats are {string.Join(", ", ExportOrder.Formats)}.");
        }

        if (order.From < 0 || order.To < order.From || order.To > size)
        {
            throw new RefusedException("ledger.bad_range", "", $"Give 0 ≤ from ≤ to ≤ {size}.");
        }

        if (order.Format == "tlog" && order.IsPartial)
        {
            throw new RefusedException(
                "query.bad_value", "/format", "tlog is the whole log; for a part of it take pack, ndjson, csv or json.");
        }
    }

    private async Task WriteTarAsync(HttpContext http)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(settings.DataDir, "exports", Guid.CreateVersion7().ToString("N")));
        try
        {
            await exporter.WriteLogAsync(folder.FullName, null, http.RequestAborted);
            await TarFile.CreateFromDirectoryAsync(
                folder.FullName, http.Response.Body, includeBaseDirectory: false, http.RequestAborted);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string ContentType(string format) => format switch
    {
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "pack" => "application/zip",
        "tlog" => "application/x-tar",
        _ => "application/x-ndjson",
    };
}

using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Schemas;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.AuditTrail;

/// <summary>The paths of the audit trail, each with who may call it and what a call leaves in the log.</summary>
internal static class AuditTrailEndpoints
{
    private const string Events = "events";
    private const string Ledger = "ledger";
    private const string Proofs = "Hashes and signatures only; no event can be read from them";
    private const string Impersonal = "Names of actions, types, roles and systems, which are no data of people";
    private const string Example = """
        {"action":"payment.approve","actor":{"id":"u-17","type":"user","name":"Ana Diaz","role":"approver"},
         "targets":[{"type":"payment","id":"p-4711"}],"outcome":"success","reason":{"ticket":"OPS-12"},
         "before":{"status":"pending"},"after":{"status":"approved"}}
        """;

    public static void MapAuditTrail(IEndpointRouteBuilder root, IEndpointRouteBuilder api)
    {
        MapAppend(api);
        MapQuery(api);
        MapLedger(api);
        MapSchemas(api);
        MapTiles(root);
    }

    private static void MapAppend(IEndpointRouteBuilder api)
    {
        api.MapPost("/events", (HttpContext http, AppendEndpoints append) => append.CreateAsync(http))
            .RequiresPermission(Permission.AppendEvents).Records("event").LimitsBody(1 << 20)
            .WithName("createEvent").WithSummary("Record an event; the answer is durable and is its receipt")
            .WithRequestExample(Example).WithTags(Events);
        api.MapPost("/events:batchCreate", (HttpContext http, AppendEndpoints append) => append.CreateBatchAsync(http))
            .RequiresPermission(Permission.AppendEvents).Records("event").LimitsBody(17 << 20)
            .WithName("batchCreateEvents").WithSummary("Record up to 1,000 events, all or none")
            .WithRequestExample($$"""{"events":[{{Example}}]}""").WithTags(Events);
        api.MapPost("/events:ingest", (HttpContext http, IngestEndpoint ingest) => ingest.IngestAsync(http))
            .RequiresPermission(Permission.AppendEvents).Records("event").LimitsBody(IngestEndpoint.MaxBodyBytes)
            .DisableRequestTimeout()
            .WithName("ingestEvents").WithSummary("Stream events as NDJSON (gzip, zstd); one result line for each line")
            .WithTags(Events);
    }

    private static void MapQuery(IEndpointRouteBuilder api)
    {
        api.MapGet("/events", (
                HttpContext http, string? filter, int? page_size, string? page_token, QueryEndpoints query) =>
            query.ListAsync(http, filter, page_size, page_token))
            .RequiresPermission(Permission.ReadEntries).Records(QueryEndpoints.Searched)
            .WithName("listEvents").WithSummary("Search events, newest first; filter as in AIP-160").WithTags(Events);
        api.MapGet("/events:stream", (HttpContext http, long? from, string? filter, QueryEndpoints query) =>
            query.StreamAsync(http, from, filter))
            .RequiresPermission(Permission.ReadEntries).Records(QueryEndpoints.Streamed).DisableRequestTimeout()
            .WithName("streamEvents").WithSummary("Follow events live; Last-Event-ID resumes without loss")
            .WithTags(Events);
        api.MapGet("/events:histogram", (HttpContext http, string? filter, int? buckets, QueryEndpoints query) =>
            query.HistogramAsync(http, filter, buckets))
            .RequiresPermission(Permission.ReadEntries).Records(QueryEndpoints.Searched)
            .WithName("countEvents").WithSummary("Count matching events over time, and those that failed or were denied")
            .WithTags(Events);
        api.MapGet("/events:values", (string? field, string? prefix, QueryEndpoints query, CancellationToken token) =>
            query.ValuesAsync(field, prefix, token))
            .RequiresPermission(Permission.ReadEntries).RecordsNothing(Impersonal)
            .WithName("listEventValues").WithSummary("Values of a field, to complete a filter").WithTags(Events);
        api.MapGet("/events/{id}", (HttpContext http, string id, QueryEndpoints query) => query.GetAsync(http, id))
            .RequiresPermission(Permission.ReadEntries).Records(QueryEndpoints.Read)
            .WithName("getEvent").WithSummary("Read one event in clear").WithTags(Events);
        api.MapGet("/events/{id}/entry", (HttpContext http, string id, QueryEndpoints query) => query.EntryAsync(http, id))
            .RequiresPermission(Permission.ReadEntries).Records(QueryEndpoints.Read)
            .WithName("getEventEntry").WithSummary("The exact bytes that were hashed").WithTags(Events);
        api.MapGet("/events/{id}/proof", (HttpContext http, string id, long? tree_size, QueryEndpoints query) =>
            query.ProofAsync(http, id, tree_size))
            .RequiresPermission(Permission.ReadEntries).RecordsNothing(Proofs)
            .WithName("getEventProof").WithSummary("Proof of inclusion; text/plain gives a c2sp.org/tlog-proof")
            .WithTags(Events);
    }

    private static void MapLedger(IEndpointRouteBuilder api)
    {
        api.MapGet("/ledger", (LedgerEndpoints ledger, CancellationToken token) => ledger.OverviewAsync(token))
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("getLedger").WithSummary("Size, head, tier and state of verification").WithTags(Ledger);
        api.MapGet("/ledger/checkpoints", (
                int? page_size, string? page_token, LedgerEndpoints ledger, CancellationToken token) =>
            ledger.CheckpointsAsync(page_size, page_token, token))
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("listCheckpoints").WithSummary("Signed checkpoints, newest first").WithTags(Ledger);
        api.MapGet("/ledger/consistency", (long? from, long? to, LedgerEndpoints ledger, CancellationToken token) =>
            ledger.ConsistencyAsync(from, to, token))
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("getConsistency").WithSummary("Proof that the log has only grown between two sizes")
            .WithTags(Ledger);
        api.MapGet("/ledger/keys", (LedgerEndpoints ledger) => ledger.Keys())
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("listLedgerKeys").WithSummary("Public keys that checkpoints are signed with").WithTags(Ledger);
        api.MapGet("/ledger:export", (
                HttpContext http, string? format, long? from, long? to, string? filter, ExportEndpoint export) =>
            export.ExportAsync(http, format, from, to, filter))
            .RequiresPermission(Permission.RunExports).Records(ExportEndpoint.Exported).DisableRequestTimeout()
            .WithName("exportLedger").WithSummary("Export as ndjson, json, csv, evidence pack or tlog tiles (tar)")
            .WithTags(Ledger);
        api.MapPost("/ledger:verify", (HttpContext http, VerifyEndpoint verify) => verify.VerifyAsync(http))
            .RequiresPermission(Permission.RunVerification).RecordsNothing("The report is kept by who asks; findings stop signing")
            .DisableRequestTimeout()
            .WithName("verifyLedger").WithSummary("Re-read every stored value and derive everything anew")
            .WithTags(Ledger);
    }

    private static void MapSchemas(IEndpointRouteBuilder api)
    {
        const string None = "Schemas are configuration, not data of people";
        api.MapGet("/event-schemas", (SchemaEndpoints schemas, CancellationToken token) => schemas.ListAsync(token))
            .RequiresPermission(Permission.ReadEntries).RecordsNothing(None)
            .WithName("listEventSchemas").WithSummary("List JSON Schemas by action").WithTags(Events);
        api.MapGet("/event-schemas/{action}", (string action, SchemaEndpoints schemas, CancellationToken token) =>
            schemas.GetAsync(action, token))
            .RequiresPermission(Permission.ReadEntries).RecordsNothing(None)
            .WithName("getEventSchema").WithSummary("Read the JSON Schema of an action").WithTags(Events);
        api.MapPut("/event-schemas/{action}", (HttpContext http, string action, SchemaEndpoints schemas) =>
            schemas.PutAsync(http, action))
            .RequiresPermission(Permission.ManageSchemas).Records("probity.events.schema_set")
            .WithName("putEventSchema").WithSummary("Set the JSON Schema of an action").WithTags(Events);
        api.MapDelete("/event-schemas/{action}", (HttpContext http, string action, SchemaEndpoints schemas) =>
            schemas.DeleteAsync(http, action))
            .RequiresPermission(Permission.ManageSchemas).Records("probity.events.schema_removed")
            .WithName("deleteEventSchema").WithSummary("Remove the JSON Schema of an action").WithTags(Events);
    }

    /// <summary>The log for third-party tools. Source: C2SP tlog-tiles, "APIs".</summary>
    private static void MapTiles(IEndpointRouteBuilder root)
    {
        root.MapGet("/checkpoint", (HttpContext http, LedgerEndpoints ledger) => ledger.CheckpointAsync(http))
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("tlogCheckpoint").WithSummary("The newest checkpoint").WithTags("tlog-tiles");
        root.MapGet("/tile/entries/{**path}", (HttpContext http, LedgerEndpoints ledger) => ledger.BundleAsync(http))
            .RequiresPermission(Permission.ReadEntries).Records(LedgerEndpoints.BundleRead)
            .WithName("tlogEntries").WithSummary("An entry bundle").WithTags("tlog-tiles");
        root.MapGet("/tile/{level:int}/{**path}", (HttpContext http, LedgerEndpoints ledger) => ledger.TileAsync(http))
            .Public(Proofs).RecordsNothing(Proofs)
            .WithName("tlogTile").WithSummary("A hash tile").WithTags("tlog-tiles");
    }
}

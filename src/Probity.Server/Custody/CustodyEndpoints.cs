using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Classification;
using Probity.Server.Custody.Erasure;
using Probity.Server.Custody.KeyCare;
using Probity.Server.Custody.Recovery;
using Probity.Server.Custody.Retention;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Keys;

namespace Probity.Server.Custody;

/// <summary>Keys, erasure, retention, holds and backups over the API.</summary>
internal static class CustodyEndpoints
{
    private const int MaxBodyBytes = 16 * 1024;
    private const string Tag = "custody";
    private const string State = "The state of keys, periods and files; changes of it are entries themselves";

    public static void MapCustody(this IEndpointRouteBuilder api)
    {
        MapKeys(api);
        MapRecoveryKeys(api);
        MapClasses(api);
        MapErasures(api);
        MapRetention(api);
        MapHolds(api);
        MapBackups(api);
    }

    private static void MapKeys(IEndpointRouteBuilder api)
    {
        api.MapGet("/keys", async (KeyDesk desk, CancellationToken token) =>
            TypedResults.Ok(await desk.StateAsync(token)))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("getKeys").WithSummary("State, age and use of every key, without any key").WithTags(Tag);
        api.MapPost("/keys:rotate", RotateAsync).RequiresPermission(Permission.RotateKeys).RequiresStepUp()
            .Records(CustodyEvents.KeyRotated).LimitsBody(MaxBodyBytes)
            .WithName("rotateKeys")
                .WithSummary("Make a new key-encryption key and wrap every key under it; nothing is encrypted anew")
                .WithTags(Tag);
        api.MapPost("/keys:rotate-root", RotateRootAsync).RequiresPermission(Permission.RotateKeys).RequiresStepUp()
            .Records(CustodyEvents.RootRotated).LimitsBody(MaxBodyBytes)
            .WithName("rotateRootKey")
                .WithSummary("Wrap the key-encryption keys under the root key that waits in the folder of keys")
                .WithTags(Tag);
    }

    private static void MapRecoveryKeys(IEndpointRouteBuilder api) =>
        api.MapPut("/recovery-keys", SetRecoveryKeyAsync)
            .RequiresPermission(Permission.ManageRetention).RequiresStepUp()
            .Records(ApprovalEvents.Requested).LimitsBody(MaxBodyBytes)
            .WithName("setRecoveryKey")
                .WithSummary("Ask for the key with which the caller consents to a loss; a second person agrees")
            .WithRequestExample("""{"key":"usr_…+1c2d3e4f+AVs…","reason":"named for recovery by the board"}""")
            .WithTags(Tag);

    private static void MapClasses(IEndpointRouteBuilder api)
    {
        api.MapGet("/field-classes", async (FieldClassDesk desk, CancellationToken token) =>
                TypedResults.Ok(await desk.ListAsync(token)))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("listFieldClasses").WithSummary("How each member of an event is kept, and under whose key")
                .WithTags(Tag);
        api.MapPut("/field-classes", SetFieldClassAsync).RequiresPermission(Permission.ManageClasses).RequiresStepUp()
            .Records(ApprovalEvents.Requested).LimitsBody(MaxBodyBytes)
            .WithName("setFieldClass")
                .WithSummary("Ask to keep a member of events in another way; a second person agrees")
            .WithRequestExample("""{"pointer":"/data/iban","class":"masked","reason":"four digits are enough"}""")
            .WithTags(Tag);
        api.MapPost("/field-classes:hash", HashFieldAsync).RequiresPermission(Permission.ReadEntries)
            .Records(CustodyEvents.FieldHashed).LimitsBody(MaxBodyBytes)
            .WithName("hashFieldValue").WithSummary("What a value of a hashed member looks like, to search for it")
            .WithRequestExample("""{"pointer":"/data/iban","value":"DE89370400440532013000"}""").WithTags(Tag);
    }

    private static void MapErasures(IEndpointRouteBuilder api)
    {
        api.MapGet("/erasures", async (ErasureDesk desk, CancellationToken token) =>
                TypedResults.Ok(new ErasureList([.. (await desk.ListAsync(token)).Select(ErasureView.Of)])))
            .RequiresPermission(Permission.ReadCustody)
                .RecordsNothing("Digests and dates; what is asked for is an entry itself")
            .WithName("listErasures").WithSummary("Requests for erasure, the newest first").WithTags(Tag);
        api.MapPost("/erasures", AskErasureAsync).RequiresPermission(Permission.ManageErasures).RequiresStepUp()
            .Records(CustodyEvents.ErasureAsked).LimitsBody(MaxBodyBytes)
            .WithName("askErasure")
                .WithSummary("Ask for the erasure of a person's data; a second person agrees, retention comes first")
            .WithRequestExample("""{"subject_type":"customer","subject_id":"c-4711","reason":"asked in writing"}""")
            .WithTags(Tag);
        api.MapGet("/erasures/{id}/letter", async (string id, ErasureDesk desk, CancellationToken token) =>
                TypedResults.Text(await desk.DocumentAsync(id, isCertificate: false, token)))
            .RequiresPermission(Permission.ManageErasures).RecordsNothing("The letter is part of the recorded request")
            .WithName("getErasureLetter").WithSummary("The answer to the person while something comes first")
                .WithTags(Tag);
        api.MapGet("/erasures/{id}/certificate", async (string id, ErasureDesk desk, CancellationToken token) =>
                TypedResults.Text(await desk.DocumentAsync(id, isCertificate: true, token)))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing("It names a digest only")
            .WithName("getErasureCertificate").WithSummary("What was destroyed, by whose approval, with its proof")
                .WithTags(Tag);
    }

    private static void MapRetention(IEndpointRouteBuilder api)
    {
        api.MapGet("/retention/policies", async (RetentionPolicies policies, CancellationToken token) =>
                TypedResults.Ok(new RetentionPolicyList(
                    [.. (await policies.CurrentAsync(token)).Select(RetentionPolicyView.Of)])))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("listRetentionPolicies")
                .WithSummary("How long events of each type are kept, and on what ground").WithTags(Tag);
        api.MapPut("/retention/policies/{event_type}", SetRetentionAsync)
            .RequiresPermission(Permission.ManageRetention).RequiresStepUp()
            .Records(CustodyEvents.RetentionSet).LimitsBody(MaxBodyBytes)
            .WithName("setRetentionPolicy")
                .WithSummary("Keep events of a type longer, or ask to keep them for less long")
            .WithRequestExample("""{"period":"7y","basis":"31 CFR 1010.430","reason":"new rule"}""").WithTags(Tag);
        api.MapGet("/retention/dry-run", async (PurgeDesk desk, CancellationToken token) =>
            TypedResults.Ok(await desk.DryRunAsync(token)))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State).DisableRequestTimeout()
            .WithName("dryRunRetention")
                .WithSummary("What a purge would take now, what holds keep, and when the next is due").WithTags(Tag);
        api.MapGet("/retention/purges", async (PurgeDesk desk, CancellationToken token) =>
                TypedResults.Ok(new PurgeRunList([.. (await desk.ListAsync(token)).Select(PurgeRunView.Of)])))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("listPurges").WithSummary("Purges, the newest first").WithTags(Tag);
        api.MapPost("/retention/purges", AskPurgeAsync).RequiresPermission(Permission.ManageRetention).RequiresStepUp()
            .Records(CustodyEvents.PurgeAsked).LimitsBody(MaxBodyBytes).DisableRequestTimeout()
            .WithName("askPurge").WithSummary("Ask for a purge of what is due; a second person agrees")
            .WithRequestExample("""{"reason":"yearly purge"}""").WithTags(Tag);
    }

    private static void MapHolds(IEndpointRouteBuilder api)
    {
        api.MapGet("/legal-holds", async (RetentionDesk desk, CancellationToken token) =>
                TypedResults.Ok(new LegalHoldList([.. (await desk.HoldsAsync(token)).Select(LegalHoldView.Of)])))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("listLegalHolds").WithSummary("Legal holds, the newest first").WithTags(Tag);
        api.MapPost("/legal-holds", PlaceHoldAsync).RequiresPermission(Permission.ManageHolds)
            .Records(CustodyEvents.HoldPlaced).LimitsBody(MaxBodyBytes)
            .WithName("placeLegalHold").WithSummary("Keep what a proceeding needs, whatever its time")
            .WithRequestExample("""{"matter":"Case 7/26","scope":"case","value":"7/26","reason":"court order"}""")
            .WithTags(Tag);
        api.MapPost("/legal-holds/{id}:release", ReleaseHoldAsync).RequiresPermission(Permission.ManageHolds)
            .RequiresStepUp()
            .Records(CustodyEvents.HoldReleased).LimitsBody(MaxBodyBytes)
            .WithName("releaseLegalHold").WithSummary("End a legal hold").WithTags(Tag);
    }

    private static void MapBackups(IEndpointRouteBuilder api)
    {
        api.MapGet("/backups", async (BackupDesk desk, CancellationToken token) =>
                TypedResults.Ok(new BackupList([.. (await desk.ListAsync(token)).Select(BackupView.Of)])))
            .RequiresPermission(Permission.ReadCustody).RecordsNothing(State)
            .WithName("listBackups").WithSummary("Backups that were made, the newest first").WithTags(Tag);
        api.MapPost("/backups", CreateBackupAsync).RequiresPermission(Permission.ManageBackups).RequiresStepUp()
            .Records(CustodyEvents.BackedUp).LimitsBody(MaxBodyBytes).DisableRequestTimeout()
            .WithName("createBackup").WithSummary("Write an encrypted backup into the server's folder of backups")
            .WithRequestExample("""{"keep_days":35}""").WithTags(Tag);
    }

    private static async Task<Ok<KeyStateView>> RotateAsync(HttpContext http, KeyDesk desk, TimeProvider time) =>
        TypedResults.Ok(await desk.RotateAsync(AccessEntry.Of(http, http.RequireCaller(), time),
            CancellationToken.None));

    private static async Task<Ok<KeyStateView>> RotateRootAsync(
        HttpContext http, KeyDesk desk, ProbitySettings settings, TimeProvider time)
    {
        // The key comes by the folder, never by a request: it would pass every proxy and log on the way.
        var next = settings.KeyProvider is null ? RootKeyFiles.ReadNext(settings) : null;
        if (next is null)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState,
                "No root key waits. Run `probity keys rotate-root --new-key-file FILE` on the server's machine.");
        }

        var former = desk.Root;
        var state = await desk.RotateRootAsync(
            new FileRootKey(next.Bytes), AccessEntry.Of(http, http.RequireCaller(), time), CancellationToken.None);
        RootKeyFiles.Exchange(settings, former);
        return TypedResults.Ok(state);
    }

    private static async Task<Accepted<ErasureView>> AskErasureAsync(
        AskErasure request, HttpContext http, ErasureDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.AskAsync(request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Accepted($"/api/v1/approvals/{row.ApprovalId}", ErasureView.Of(row));
    }

    private static async Task<Results<Ok<RetentionPolicyView>, Accepted<ApprovalRef>>> SetRetentionAsync(
        [FromRoute(Name = "event_type")] string eventType, SetRetention request, HttpContext http,
            RetentionDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, waiting) = await desk.SetAsync(eventType, request, caller, AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return done is not null ? TypedResults.Ok(RetentionPolicyView.Of(done)) : TypedResults.Accepted(
            $"/api/v1/approvals/{waiting}",
                new ApprovalRef(waiting ?? throw new InvalidOperationException("Done or waiting.")));
    }

    private static async Task<Accepted<ApprovalRef>> SetFieldClassAsync(
        SetFieldClass request, HttpContext http, FieldClassDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var waiting = await desk.AskAsync(request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Accepted($"/api/v1/approvals/{waiting}", new ApprovalRef(waiting));
    }

    private static async Task<Accepted<ApprovalRef>> SetRecoveryKeyAsync(
        SetRecoveryKey request, HttpContext http, RecoveryKeyDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var waiting = await desk.AskAsync(request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Accepted($"/api/v1/approvals/{waiting}", new ApprovalRef(waiting));
    }

    private static async Task<Ok<FieldHashView>> HashFieldAsync(
        HashFieldValue request, HttpContext http, FieldClassDesk desk, TimeProvider time) =>
        TypedResults.Ok(await desk.HashAsync(
            request, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted));

    private static async Task<Accepted<PurgeRunView>> AskPurgeAsync(ReasonRequest request, HttpContext http,
        PurgeDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.AskAsync(request.Reason, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Accepted($"/api/v1/approvals/{row.ApprovalId}", PurgeRunView.Of(row));
    }

    private static async Task<Created<LegalHoldView>> PlaceHoldAsync(
        PlaceHold request, HttpContext http, RetentionDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.PlaceAsync(request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Created($"/api/v1/legal-holds/{row.Id}", LegalHoldView.Of(row));
    }

    private static async Task<Ok<LegalHoldView>> ReleaseHoldAsync(
        string id, ReasonRequest request, HttpContext http, RetentionDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.ReleaseAsync(id, request.Reason, caller, AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Ok(LegalHoldView.Of(row));
    }

    private static async Task<Created<BackupView>> CreateBackupAsync(
        CreateBackup request, HttpContext http, BackupDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.CreateAsync(null, request.KeepDays, caller, AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Created($"/api/v1/backups/{row.Id}", BackupView.Of(row));
    }
}

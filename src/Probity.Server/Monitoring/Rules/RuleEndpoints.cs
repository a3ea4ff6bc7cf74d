using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Monitoring.Rules;

/// <summary>Rules over the API.</summary>
internal static class RuleEndpoints
{
    private const string Tag = "monitoring";
    private const string OwnRules = "Rules of the institution: no data of customers";
    private const int MaxRule = 64 * 1024;

    private const string Example = """
        {"name":"Large Transaction Monitoring","rule_type":"AML","jurisdiction":"US","conditions":
        {"amount_threshold":10000,"currency":"USD"},"actions":{"alert":true,"require_documentation":true},
        "severity":"HIGH"}
        """;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(
            "/monitoring/rule-schema",
            () => Results.Bytes(RulePack.Schema().ToArray(), "application/schema+json"))
            .RequiresPermission(Permission.ReadRules).RecordsNothing("Published with the product")
            .WithName("getRuleSchema").WithSummary("The JSON Schema of rules").WithTags(Tag);
        api.MapPost("/monitoring/rules:validate", ValidateAsync)
            .RequiresPermission(Permission.ReadRules).RecordsNothing("Reads what is sent and keeps nothing")
            .LimitsBody(MaxRule).WithName("validateRule")
            .WithSummary("Read a rule and say every fault of it, with place and fix").WithRequestExample(Example)
            .WithTags(Tag);
        api.MapPost("/monitoring/rules", DraftAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.RulesDrafted).LimitsBody(MaxRule)
            .WithName("draftRule")
            .WithSummary("Store a draft: the set in force with this rule, or with `base=none` this rule alone")
            .WithRequestExample(Example).WithTags(Tag);
        api.MapPost("/monitoring/rules:import", ImportAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.PackImported)
            .LimitsBody(UpdatePack.MaxBytes).WithName("importRules")
            .WithSummary("Take in a signed update pack as a draft that says what it changes; the body is the note")
            .WithTags(Tag);
        api.MapGet("/monitoring/rule-sets", ListAsync)
            .RequiresPermission(Permission.ReadRules).RecordsNothing(OwnRules)
            .WithName("listRuleSets").WithSummary("Sets of rules, the newest first, and which one judges")
            .WithTags(Tag);
        api.MapGet("/monitoring/rule-sets/{id}", FindAsync)
            .RequiresPermission(Permission.ReadRules).RecordsNothing(OwnRules)
            .WithName("getRuleSet").WithSummary("A set of rules with its documents").WithTags(Tag);
        api.MapPost("/monitoring/rule-sets/{id}:backtest", TryAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.RulesTried).DisableRequestTimeout()
            .WithName("backtestRuleSet").WithSummary("Judge what is stored by this set, beside what was decided")
            .WithRequestExample("""{"from":"2026-01-01T00:00:00Z"}""").WithTags(Tag);
        api.MapPost("/monitoring/rule-sets/{id}:tune", TuneAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.RulesTried).DisableRequestTimeout()
            .WithName("tuneRule")
            .WithSummary("Above and below the line: judge what is stored with a rule at other values")
            .WithRequestExample(
                """{"rule":"Fan-in","pointer":"/conditions/all/1/gte/1","values":["4","6"],"sample":10,"seed":7}""")
            .WithTags(Tag);
        api.MapPost("/monitoring/rule-sets/{id}:rebase", RebaseAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.RulesDrafted)
            .WithName("rebaseRuleSet")
            .WithSummary("Draw a draft anew on the set that is live, where another one went live since it was drawn")
            .WithTags(Tag);
        api.MapPost("/monitoring/rule-sets/{id}:activate", ActivateAsync)
            .RequiresPermission(Permission.ManageRules).Records(MonitoringEvents.RulesApproved)
            .WithName("activateRuleSet")
            .WithSummary("Ask for a set to go live, now or from a date; an earlier set is gone back to the same way")
            .WithRequestExample("""{"reason":"back-tested on 90 days","active_from":"2026-12-01T00:00:00Z"}""")
            .WithTags(Tag);
    }

    private static async Task<IResult> ValidateAsync(HttpContext http, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, MaxRule, "request.body_too_large", cancellationToken);
        var faults = RuleDesk.Check(body.Memory);
        return TypedResults.Ok(new RuleCheck(
            faults.All(fault => fault.Level != FaultLevel.Error),
            [.. faults.Select(fault => new RuleFaultView(
                fault.Place, fault.Code, fault.Message, fault.Fix, fault.Level == FaultLevel.Error))]));
    }

    private static async Task<IResult> DraftAsync(
        HttpContext http, string? @base, string? note, RuleDesk desk, TimeProvider time)
    {
        if (@base is not (null or "active" or "none"))
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, "base is active or none.");
        }

        using var body = await RequestBody.ReadAsync(
            http.Request, MaxRule, "request.body_too_large", http.RequestAborted);
        var row = await desk.DraftAsync(
            body.Memory.ToArray(), @base == "none", note ?? "", AccessEntry.Of(http, http.RequireCaller(), time),
            http.RequestAborted);
        return TypedResults.Created("/api/v1/monitoring/rule-sets/" + row.Id, RuleSetView.Of(row, null));
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, RuleDesk desk, ProbitySettings settings, TimeProvider time)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, UpdatePack.MaxBytes, "request.body_too_large", http.RequestAborted);
        var pack = UpdatePack.Read(body.Memory.Span, settings.PackKeys);
        var draft = await desk.ImportAsync(
            pack, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return TypedResults.Created(
            "/api/v1/monitoring/rule-sets/" + draft.Row.Id, PackView.Of(draft, pack));
    }

    private static async Task<IResult> ListAsync(RuleDesk desk, CancellationToken cancellationToken)
    {
        var all = await desk.AllAsync(cancellationToken);
        var live = all.Max(item => item.Since);
        return TypedResults.Ok(new RuleSetList(
            [.. all.Select(item => RuleSetView.Of(item.Row, item.Since) with
            {
                IsLive = item.Since is not null && item.Since == live,
            })]));
    }

    private static async Task<IResult> FindAsync(string id, RuleDesk desk, CancellationToken cancellationToken)
    {
        var (row, rules) = await desk.FindAsync(id, cancellationToken);
        return TypedResults.Ok(new RuleSetDetail(
            RuleSetView.Of(row, null), [.. rules.Select(rule => JsonNode.Parse(rule.Json)!)]));
    }

    private static async Task<IResult> TryAsync(
        HttpContext http, string id, TryRules body, RuleDesk desk, TimeProvider time)
    {
        var trial = await desk.TryAsync(
            id, body.From, body.To, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return TypedResults.Ok(new RuleTrialView(
            trial.Transactions, trial.AlertsBefore, trial.Alerts, trial.AlertsADay, trial.ShadowAlerts,
            trial.OtherOutcomes, trial.Gained, trial.Lost, trial.ByRule));
    }

    private static async Task<IResult> TuneAsync(
        HttpContext http, string id, TuneRule body, RuleDesk desk, TimeProvider time)
    {
        var (transactions, values) = await desk.TuneAsync(
            id, body, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return TypedResults.Ok(new TuningView(body.Rule, body.Pointer, transactions, values));
    }

    private static async Task<IResult> RebaseAsync(HttpContext http, string id, RebaseDesk desk, TimeProvider time)
    {
        var row = await desk.RebaseAsync(
            id, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return TypedResults.Created("/api/v1/monitoring/rule-sets/" + row.Id, RuleSetView.Of(row, null));
    }

    private static async Task<IResult> ActivateAsync(
        HttpContext http, string id, ActivateRules body, RuleDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var waiting = await desk.ActivateAsync(
            id, body.ActiveFrom, body.Reason, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return waiting is null
            ? TypedResults.Ok(RuleSetView.Of((await desk.FindAsync(id, http.RequestAborted)).Row, null))
            : TypedResults.Accepted("/api/v1/approvals/" + waiting, new WaitingActivation(waiting));
    }
}

/// <summary>What reading a rule came to.</summary>
internal sealed record RuleCheck(bool IsSound, IReadOnlyList<RuleFaultView> Faults);

/// <summary>A fault of a rule.</summary>
internal sealed record RuleFaultView(string Pointer, string Code, string Message, string Fix, bool IsError);

/// <summary>Sets of rules.</summary>
internal sealed record RuleSetList(IReadOnlyList<RuleSetView> RuleSets);

/// <summary>A set of rules.</summary>
/// <param name="BaseId">The set it was drawn from; it goes live only while that one is. Null for none.</param>
/// <param name="ActiveSince">The number of the step from which it judged last; null when it never did.</param>
internal sealed record RuleSetView(
    string Id, string Digest, string Note, int Rules, string ReferenceVersion, string Status,
    DateTimeOffset? ActiveFrom, string? BaseId, string MadeBy, DateTimeOffset MadeAt, long? ActiveSince)
{
    /// <summary>Whether it judges now.</summary>
    public bool IsLive { get; init; }

    public static RuleSetView Of(RuleSetRow row, long? since) => new(
        row.Id, row.Digest, row.Note, row.DocumentList().Count, row.BookVersion, row.Status, row.ActiveFrom,
        row.BaseId, row.MadeBy, row.MadeAt, since);
}

/// <summary>A set with its rules.</summary>
internal sealed record RuleSetDetail(RuleSetView RuleSet, IReadOnlyList<JsonNode> Rules);

/// <summary>Which stored decisions to try rules on, by when they were recorded.</summary>
internal sealed record TryRules(DateTimeOffset? From, DateTimeOffset? To);

/// <summary>What a trial came to.</summary>
/// <param name="ShadowAlerts">Decisions without an alert that would have one if the rules in shadow were live.</param>
internal sealed record RuleTrialView(
    int Transactions, int AlertsBefore, int Alerts, decimal AlertsADay, int ShadowAlerts, int OtherOutcomes,
    IReadOnlyList<long> Gained, IReadOnlyList<long> Lost, IReadOnlyDictionary<string, int> ByRule);

/// <summary>What tuning came to; the first value is the one as written.</summary>
internal sealed record TuningView(
    string Rule, string Pointer, int Transactions, IReadOnlyList<TunedValue> Values);

/// <summary>Asks for a set to go live.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ActiveFrom">From when; null for at once.</param>
internal sealed record ActivateRules(string Reason, DateTimeOffset? ActiveFrom);

/// <summary>The approval that an activation waits for.</summary>
internal sealed record WaitingActivation(string ApprovalId);

/// <summary>What an update pack changes.</summary>
/// <param name="RuleSet">The draft: back-test it, and ask for it to go live.</param>
/// <param name="Pack">The name of the pack.</param>
/// <param name="SignedBy">The key that signed it.</param>
/// <param name="EffectiveFrom">The day from which it is live once it is agreed to.</param>
/// <param name="Added">Names of rules that are new.</param>
/// <param name="Changed">Names of rules that take the place of others.</param>
/// <param name="Withdrawn">Names of rules that end.</param>
/// <param name="ReferenceAdded">What only the new reference data says.</param>
/// <param name="ReferenceRemoved">What only the present reference data says.</param>
internal sealed record PackView(
    RuleSetView RuleSet, string Pack, string SignedBy, DateOnly EffectiveFrom, IReadOnlyList<string> Added,
    IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn, IReadOnlyList<string> ReferenceAdded,
    IReadOnlyList<string> ReferenceRemoved)
{
    public static PackView Of(PackDraft draft, UpdatePack pack) => new(
        RuleSetView.Of(draft.Row, null), pack.Name, pack.SignedBy, pack.EffectiveFrom, draft.Added, draft.Changed,
        draft.Withdrawn, draft.Reference.Added, draft.Reference.Removed);
}

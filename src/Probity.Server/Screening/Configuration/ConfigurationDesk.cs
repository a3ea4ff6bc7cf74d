using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Configuration;

/// <summary>A configuration as it is listed.</summary>
internal sealed record ConfigurationView
{
    public required string Id { get; init; }

    /// <summary>0 to 1.</summary>
    public required decimal Threshold { get; init; }

    /// <summary>off, confirm_only, exact or fuzzy by list; lists without a row have exact.</summary>
    public required IReadOnlyDictionary<string, string> WeakNames { get; init; }

    /// <summary>What answers name it by.</summary>
    public required string Sha256 { get; init; }

    /// <summary>draft, live or retired.</summary>
    public required string State { get; init; }

    /// <summary>What was in force when it was drafted; it comes into force only while that is. Null for that of the
    /// build.</summary>
    public string? BaseId { get; init; }

    /// <summary>Whether it is a draft beside which another one came into force: it cannot any more.</summary>
    public bool IsBehind { get; init; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>What the last trial came to, in numbers; null before the first.</summary>
    public JsonElement? Trial { get; init; }

    public DateTimeOffset? TriedAt { get; init; }

    public DateTimeOffset? LiveAt { get; init; }

    public static ConfigurationView Of(ConfigurationRow row) => new()
    {
        Id = row.Id,
        Threshold = row.Threshold / 10_000m,
        WeakNames = ConfigurationRow.WeakNamesOf(row.WeakNames),
        Sha256 = row.Sha256,
        State = row.State,
        BaseId = row.BaseId,
        MadeBy = row.MadeBy,
        MadeAt = row.MadeAt,
        Trial = row.Trial is { } trial ? JsonSerializer.Deserialize<JsonElement>(trial) : null,
        TriedAt = row.TriedAt,
        LiveAt = row.LiveAt,
    };
}

/// <summary>Configurations, the newest first.</summary>
/// <param name="Configurations">None means that the one of the build is in force.</param>
/// <param name="Threshold">What is in force, 0 to 1.</param>
internal sealed record ConfigurationPage(IReadOnlyList<ConfigurationView> Configurations, decimal Threshold);

/// <summary>What <c>POST /api/v1/screening/configurations</c> takes.</summary>
internal sealed record DraftConfiguration
{
    /// <summary>The score from which a match is an alert, 0.5 to 0.99.</summary>
    public required decimal Threshold { get; init; }

    /// <summary>off, confirm_only, exact or fuzzy by list; null or a list that is left out: exact.</summary>
    public IReadOnlyDictionary<string, string>? WeakNames { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What <c>POST /api/v1/screening/configurations/{id}:activate</c> takes.</summary>
/// <param name="Reason">Why, 1 to 1,000 characters.</param>
internal sealed record ActivateConfiguration(string Reason);

/// <summary>
/// Drafts configurations, tries them on stored traffic, and puts one in force that a second person released.
/// </summary>
internal sealed class ConfigurationDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, LiveEngine live, LiveConfiguration configuration,
    ConfigurationTrial trial, IApprovalGate gate, TimeProvider time)
{
    /// <summary>Below it everybody alerts, above it a typing error hides.</summary>
    private const decimal LeastThreshold = 0.5m;
    private const decimal MostThreshold = 0.99m;
    private const int MostListed = 50;
    private const int MostLists = 50;

    /// <summary>The configurations.</summary>
    public async Task<ConfigurationPage> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<ConfigurationRow>().AsNoTracking().OrderByDescending(row => row.Id).Take(MostListed)
            .ToListAsync(cancellationToken);
        var held = (await LiveAsync(db, cancellationToken))?.Id;
        return new ConfigurationPage(
            [.. rows.Select(row => ConfigurationView.Of(row) with
            {
                IsBehind = row.State == ConfigurationRow.Draft && row.BaseId != held,
            })], configuration.Options.Threshold / 10_000m);
    }

    /// <summary>Drafts one; nothing changes yet.</summary>
    /// <exception cref="ProblemException">request.bad_field.</exception>
    public async Task<ConfigurationView> DraftAsync(
        DraftConfiguration asked, AccessEntry entry, CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(asked.Reason);
        Check(asked);
        var now = time.GetUtcNow();
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = new ConfigurationRow
        {
            Id = AccessIds.New(ConfigurationRow.Prefix, now),
            Threshold = (int)(asked.Threshold * 10_000),
            WeakNames = JsonSerializer.Serialize(
                new SortedDictionary<string, string>((asked.WeakNames ?? new Dictionary<string, string>()).ToDictionary(
                    row => row.Key, row => row.Value), StringComparer.Ordinal)),
            Sha256 = "",
            State = ConfigurationRow.Draft,
            BaseId = (await LiveAsync(work.Db, cancellationToken))?.Id,
            MadeBy = entry.Actor.Id,
            MadeAt = now,
        };
        row = Named(row);
        work.Add(row);
        work.Record(
            (entry with { Reason = new EntryReason { Text = why } }).Draft(
                ConfigurationEvents.Drafted, "screening.configuration.draft", "system_configuration_changed", null),
            row);
        await work.CommitAsync(cancellationToken);
        return ConfigurationView.Of(row);
    }

    /// <summary>Tries one on stored questions. Names are in the answer alone; row and entry keep numbers and
    /// ids.</summary>
    /// <exception cref="ProblemException">screening.configuration_not_found, screening.not_ready.</exception>
    public async Task<TrialReport> TryAsync(string id, AccessEntry entry, CancellationToken cancellationToken)
    {
        var snapshot = live.Current ?? throw new ProblemException(ErrorCodes.ScreeningNotReady);
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await FindAsync(work.Db, id, cancellationToken);
        var report = await trial.RunAsync(snapshot, row.Options(), cancellationToken);
        row.Trial = JsonSerializer.Serialize(
            new
            {
                report.Questions, report.Erased, report.FromSeq, report.ToSeq, report.AlertsBefore,
                report.AlertsAfter, report.WonCount, report.LostCount,
                Lists = snapshot.Lists.Select(list => list.VersionId), snapshot.Configuration,
            },
            Effectiveness.TestFigures.Json);
        row.TriedAt = time.GetUtcNow();
        work.Record(
            entry.Draft(
                ConfigurationEvents.Tried, "screening.configuration.try", "sensitive_read",
                new EntryTarget("screening_configuration", id), ("questions", report.Questions),
                ("alerts_before", report.AlertsBefore), ("alerts_after", report.AlertsAfter),
                ("won", report.Won.Select(alert => new { alert.Entry, alert.List, alert.EntityUid })),
                ("lost", report.Lost.Select(alert => new { alert.Entry, alert.List, alert.EntityUid }))),
            row);
        await work.CommitAsync(cancellationToken);
        return report;
    }

    /// <summary>Puts one in force, or asks a second person to release it. Exactly one of the two results is
    /// set.</summary>
    /// <exception cref="ProblemException">screening.configuration_not_found,
    /// screening.configuration_not_tried, screening.configuration_stale.</exception>
    public async Task<(ConfigurationView? Done, string? ApprovalId)> ActivateAsync(
        string id, string reason, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(reason);
        await using (var db = database.CreateContext())
        {
            Check(await FindAsync(db, id, cancellationToken), await LiveAsync(db, cancellationToken));
        }

        var answer = await gate.AskAsync(
            new GatedAction(
                ActivateConfigurationAction.Name, new EntryTarget("screening_configuration", id),
                JsonSerializer.Serialize(new ConfigurationPayload(id), ApprovalJson.Options), why),
            caller, cancellationToken);
        if (answer is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        var told = entry with
        {
            IsAlone = await gate.IsAloneAsync(caller, cancellationToken), Reason = new EntryReason { Text = why },
        };
        var row = await CommitRaces.AgainAsync(
            async () =>
            {
                await using var work = new UnitOfWork(database, ledger.Value);
                var applied = await ApplyAsync(work, id, told, cancellationToken);
                await work.CommitAsync(cancellationToken);
                return applied;
            },
            ErrorCodes.ScreeningConfigurationStale);
        await PutInForceAsync(cancellationToken);
        return (ConfigurationView.Of(row), null);
    }

    /// <summary>Adds the change to the unit of work: the one in force retires.</summary>
    public async Task<ConfigurationRow> ApplyAsync(
        UnitOfWork work, string id, AccessEntry entry, CancellationToken cancellationToken)
    {
        var row = await FindAsync(work.Db, id, cancellationToken);
        var before = await LiveAsync(work.Db, cancellationToken);
        Check(row, before);
        if (before is not null)
        {
            before.State = ConfigurationRow.Retired;
            work.Record(Changed(entry, before.Id), before);
        }

        (row.State, row.LiveAt) = (ConfigurationRow.Live, time.GetUtcNow());
        work.Record(Changed(entry, row.Id), row);
        return row;
    }

    /// <summary>Has this node follow; others do within half a minute.</summary>
    public async Task PutInForceAsync(CancellationToken cancellationToken)
    {
        await configuration.RefreshAsync(cancellationToken);
        await live.RefreshAsync(cancellationToken);
    }

    private static EntryDraft Changed(AccessEntry entry, string id) => entry.Draft(
        ConfigurationEvents.Activated, "screening.configuration.activate", "system_configuration_changed",
        new EntryTarget("screening_configuration", id));

    // The hash needs the options, and these need the row.
    private static ConfigurationRow Named(ConfigurationRow row) => new()
    {
        Id = row.Id, Threshold = row.Threshold, WeakNames = row.WeakNames, State = row.State, BaseId = row.BaseId,
        MadeBy = row.MadeBy, MadeAt = row.MadeAt, Sha256 = EngineConfiguration.HashOf(row.Options()),
    };

    private static async Task<ConfigurationRow> FindAsync(
        ProbityDb db, string id, CancellationToken cancellationToken) =>
        await db.Set<ConfigurationRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.ScreeningConfigurationNotFound);

    private static Task<ConfigurationRow?> LiveAsync(ProbityDb db, CancellationToken cancellationToken) =>
        db.Set<ConfigurationRow>().SingleOrDefaultAsync(
            row => row.State == ConfigurationRow.Live, cancellationToken);

    // A configuration holds everything, so one that was drafted beside another would take back what that one changed.
    private static void Check(ConfigurationRow row, ConfigurationRow? live)
    {
        if (row.State != ConfigurationRow.Draft || row.Trial is null)
        {
            throw new ProblemException(ErrorCodes.ScreeningConfigurationNotTried, $"It is {row.State}.");
        }

        if (row.BaseId != live?.Id)
        {
            throw new ProblemException(
                ErrorCodes.ScreeningConfigurationStale,
                $"It was drafted while {row.BaseId ?? "that of the build"} was in force, and "
                + $"{live?.Id ?? "that of the build"} is since: it would take back what changed there.");
        }
    }

    private static void Check(DraftConfiguration asked)
    {
        var faults = new List<ProblemFault>();
        if (asked.Threshold is < LeastThreshold or > MostThreshold)
        {
            faults.Add(Fault("/threshold", $"Give a number from {LeastThreshold} to {MostThreshold}."));
        }

        if (asked.WeakNames is { Count: > MostLists })
        {
            faults.Add(Fault("/weak_names", $"Name up to {MostLists} lists."));
        }

        foreach (var (list, policy) in asked.WeakNames ?? new Dictionary<string, string>())
        {
            if (list.Length is 0 or > 64 || WeakNamePolicyNames.Read(policy) is null)
            {
                faults.Add(Fault($"/weak_names/{list}", $"Use {WeakNamePolicyNames.All}."));
            }
        }

        if (faults.Count > 0)
        {
            throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
        }
    }

    private static ProblemFault Fault(string pointer, string text) =>
        new(pointer, ErrorCodes.RequestBadField.Code, text);
}

/// <summary>What the second person releases. A draft never changes, so its id says what it holds.</summary>
internal sealed record ConfigurationPayload(string Id);

/// <summary>Puts in force what was released.</summary>
internal sealed class ActivateConfigurationAction(
    Lazy<ConfigurationDesk> desk, ILogger<ActivateConfigurationAction> log) : IApprovedAction
{
    public const string Name = "screening.configuration.activate";

    public string Action => Name;

    public string MakerPermission => Permission.ManageScreening;

    public async Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<ConfigurationPayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        await desk.Value.ApplyAsync(work, agreed.Id, entry, cancellationToken);
    }

    // Building an engine takes seconds, and the one who released it should not wait; the sweep repeats it if it fails.
    public void Executed() => _ = Task.Run(async () =>
    {
        try
        {
            await desk.Value.PutInForceAsync(CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            log.RefreshFailed(fault);
        }
    });
}

/// <summary>Types of the entries that configurations leave.</summary>
internal static class ConfigurationEvents
{
    /// <summary>A configuration was drafted; nothing changed yet.</summary>
    public const string Drafted = "probity.screening.configuration_drafted";

    /// <summary>A draft was tried on stored questions, and somebody saw the names.</summary>
    public const string Tried = "probity.screening.configuration_tried";

    /// <summary>A configuration came into force, and the one before retired.</summary>
    public const string Activated = "probity.screening.configuration_activated";
}

internal static partial class ConfigurationLog
{
    [LoggerMessage(
        1, LogLevel.Error, "The configuration that was released is not in force on this node; the sweep tries again")]
    public static partial void RefreshFailed(this ILogger log, Exception fault);
}

using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Cases;

/// <summary>What a module raises an alert with.</summary>
internal sealed record NewAlert
{
    /// <summary>The module, such as <c>screening</c>.</summary>
    public required string Source { get; init; }

    public required string Kind { get; init; }

    /// <summary>What makes two alerts the same, 1 to 200 characters, without a name: a rule and a customer,
    /// say.</summary>
    public required string FoldKey { get; init; }

    /// <summary>Whom it is about; the entry is kept under the key of a person.</summary>
    public required EntryTarget Subject { get; init; }

    public string? LegalEntity { get; init; }

    /// <summary>One of <see cref="AlertRow.Severities"/>.</summary>
    public required string Severity { get; init; }

    /// <summary>The queue it goes to.</summary>
    public required string Route { get; init; }

    /// <summary>The id of the entry that holds the evidence; it may be one of the same unit of work.</summary>
    public required string Evidence { get; init; }

    /// <summary>The module's own record of it; null for none.</summary>
    public string? Reference { get; init; }
}

/// <summary>
/// Raises and decides alerts in the unit of work of whoever raises them, so that a finding and its alert commit
/// together. Repeats fold: while an alert is not closed, the same source and key count on it.
/// </summary>
/// <remarks>
/// Of two units of work that raise the same new alert at once the second fails as a whole with
/// <see cref="DbUpdateException"/>, and of two that count on the same one with <c>storage.row_changed</c>: both are
/// tried again by their owner.
/// </remarks>
internal sealed class AlertDesk(IDatabase database, TimeProvider time) : IAsyncDisposable
{
    private const int KeysOfQuestion = 4;

    private readonly KeptContexts _contexts = new(database);

    // Made once: to make and translate the question anew costs several times what the store takes to answer it. For the
    // model of one store, so it is no constant.
    private readonly Func<ProbityDb, string, string, string, string, string, IAsyncEnumerable<KnownAlert>> _open =
        EF.CompileAsyncQuery((ProbityDb db, string source, string first, string second, string third, string fourth) =>
            db.Set<AlertRow>().AsNoTracking()
                .Where(row => row.Source == source && row.Status != AlertRow.Closed
                    && (row.FoldKey == first || row.FoldKey == second || row.FoldKey == third
                        || row.FoldKey == fourth))
                .Select(row => new KnownAlert(row, EF.Property<string>(row, AuditDeclarations.EntryId))));

    /// <summary>Adds an alert, or a repeat of an open one, with its entry.</summary>
    /// <returns>The alert, also the one that was there.</returns>
    public async Task<AlertRow> RaiseAsync(
        UnitOfWork work, NewAlert alert, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (Rank(alert.Severity) < 0)
        {
            throw new ArgumentException("A severity is one of AlertRow.Severities.", nameof(alert));
        }

        if (await FindOpenAsync(work, alert, cancellationToken) is { } known)
        {
            Repeat(work, known, known, alert, entry);
            return known;
        }

        var row = New(alert);
        work.Add(row);
        work.Record(Raised(entry, row), row);
        return row;
    }

    /// <summary>
    /// Adds many alerts of one source, or repeats of open ones, in their order and past the change tracker. One that
    /// this unit of work raised otherwise is not found.
    /// </summary>
    /// <exception cref="ArgumentException">A severity is none, or the sources differ.</exception>
    public async Task RaiseAllAsync(
        UnitOfWork work, IReadOnlyList<NewAlert> alerts, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (alerts.Count == 0)
        {
            return;
        }

        var source = alerts[0].Source;
        if (alerts.Any(alert => Rank(alert.Severity) < 0 || alert.Source != source))
        {
            throw new ArgumentException("One source, and severities of AlertRow.Severities.", nameof(alerts));
        }

        var open = new Dictionary<string, (AlertRow Row, RowChange Change)>(StringComparer.Ordinal);
        var all = alerts.Select(alert => alert.FoldKey).Distinct(StringComparer.Ordinal);
        foreach (var keys in all.Chunk(KeysOfQuestion))
        {
            foreach (var known in await _contexts.ReadAsync(
                (db, token) => OpenAsync(db, source, keys, token), cancellationToken))
            {
                open.Add(known.Row.FoldKey, (known.Row, work.Changing(known.Row, known.EntryId)));
            }
        }

        foreach (var alert in alerts)
        {
            if (open.TryGetValue(alert.FoldKey, out var found))
            {
                Repeat(work, found.Row, found.Change, alert, entry);
                continue;
            }

            var row = New(alert);
            var change = work.Inserting(row);
            work.Record(Raised(entry, row), change);
            open.Add(alert.FoldKey, (row, change));
        }
    }

    private async Task<List<KnownAlert>> OpenAsync(
        ProbityDb db, string source, string[] keys, CancellationToken cancellationToken)
    {
        string Key(int place) => keys[Math.Min(place, keys.Length - 1)];
        var open = new List<KnownAlert>();
        await foreach (var alert in _open(db, source, Key(0), Key(1), Key(2), Key(3))
            .WithCancellation(cancellationToken))
        {
            open.Add(alert);
        }

        return open;
    }

    public ValueTask DisposeAsync() => _contexts.DisposeAsync();

    private AlertRow New(NewAlert alert)
    {
        var now = time.GetUtcNow();
        return new AlertRow
        {
            Id = AccessIds.New(AlertRow.Prefix, now),
            Source = alert.Source,
            Kind = alert.Kind,
            FoldKey = alert.FoldKey,
            SubjectType = alert.Subject.Type,
            SubjectId = alert.Subject.Id,
            LegalEntity = alert.LegalEntity,
            Severity = alert.Severity,
            Route = alert.Route,
            Evidence = alert.Evidence,
            Reference = alert.Reference,
            Count = 1,
            Status = AlertRow.Open,
            RaisedAt = now,
            LastAt = now,
        };
    }

    /// <summary>Decides an alert: escalates it, or closes it.</summary>
    /// <param name="work">The unit of work.</param>
    /// <param name="id">The alert.</param>
    /// <param name="decision">What is decided.</param>
    /// <param name="entry">Who decides.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">cases.alert_not_found, cases.alert_closed.</exception>
    public async Task<AlertRow> DecideAsync(
        UnitOfWork work, string id, AlertDecision decision, AccessEntry entry, CancellationToken cancellationToken)
    {
        var row = await work.Db.Set<AlertRow>().SingleOrDefaultAsync(r => r.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CasesAlertNotFound);
        if (row.Status == AlertRow.Closed)
        {
            throw new ProblemException(ErrorCodes.CasesAlertClosed);
        }

        row.Status = decision.IsEscalation ? AlertRow.Escalated : AlertRow.Closed;
        row.Route = decision.Route ?? row.Route;
        (row.Decision, row.ReasonCode) = (decision.Word, decision.ReasonCode);
        (row.DecidedBy, row.DecidedAt) = (entry.Actor.Id, time.GetUtcNow());
        work.Record(Draft(entry, CaseEvents.Decided, "cases.alert.decide", row), row);
        return row;
    }

    // The same may have been raised in this unit of work already: its row is not in the store yet.
    private static async Task<AlertRow?> FindOpenAsync(
        UnitOfWork work, NewAlert alert, CancellationToken cancellationToken) =>
        work.Db.Set<AlertRow>().Local.FirstOrDefault(row =>
            row.Source == alert.Source && row.FoldKey == alert.FoldKey && row.Status != AlertRow.Closed)
        ?? await work.Db.Set<AlertRow>().SingleOrDefaultAsync(
            row => row.Source == alert.Source && row.FoldKey == alert.FoldKey && row.Status != AlertRow.Closed,
            cancellationToken);

    // What stands for the change is the row itself where it is tracked.
    private void Repeat(UnitOfWork work, AlertRow row, object change, NewAlert alert, AccessEntry entry)
    {
        row.Count++;
        row.LastAt = time.GetUtcNow();
        (row.Evidence, row.Reference) = (alert.Evidence, alert.Reference ?? row.Reference);
        if (Rank(alert.Severity) > Rank(row.Severity))
        {
            row.Severity = alert.Severity;
        }

        // One entry a row and commit: its after-state is made at the commit and holds the whole count.
        if (!work.HasEntry(change))
        {
            work.Record(Draft(entry, CaseEvents.Repeated, "cases.alert.repeat", row), change);
        }
    }

    private static int Rank(string severity)
    {
        for (var i = 0; i < AlertRow.Severities.Count; i++)
        {
            if (AlertRow.Severities[i] == severity)
            {
                return i;
            }
        }

        return -1;
    }

    private static EntryDraft Raised(AccessEntry entry, AlertRow row) =>
        Draft(entry, CaseEvents.Raised, "cases.alert.raise", row);

    private static EntryDraft Draft(AccessEntry entry, string type, string action, AlertRow row) => entry.Draft(
        type, action, "sensitive_update", new EntryTarget(row.SubjectType, row.SubjectId), ("alert", row.Id),
        ("source", row.Source), ("kind", row.Kind), ("route", row.Route), ("severity", row.Severity),
        ("evidence", row.Evidence), ("reference", row.Reference), ("decision", row.Decision),
        ("reason_code", row.ReasonCode));

    /// <summary>An alert as the store holds it, and the entry it names.</summary>
    private sealed record KnownAlert(AlertRow Row, string EntryId);
}

/// <summary>A decision on an alert.</summary>
/// <param name="Word">The word of the module that raised it, such as <c>false_positive</c>.</param>
/// <param name="ReasonCode">Why, as a code; null for none.</param>
/// <param name="IsEscalation">It is not closed but goes on to <paramref name="Route"/>.</param>
/// <param name="Route">The queue it goes to; null for the one it is in.</param>
internal sealed record AlertDecision(string Word, string? ReasonCode, bool IsEscalation = false, string? Route = null);

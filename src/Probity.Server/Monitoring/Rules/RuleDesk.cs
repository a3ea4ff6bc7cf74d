using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// The life of rules: drafted, tried on what is stored, agreed to by a second person, live from a date; an earlier set
/// goes live again the same way. Stored sets never change in content. Thread safe.
/// </summary>
internal sealed class RuleDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, RuleLibrary library, StepReader steps,
    DecisionDesk desk, HeldRules held, Lazy<IApprovalGate> gate, ProbitySettings settings, TimeProvider time)
{
    /// <summary>The most stored decisions that one trial looks at.</summary>
    public const int MostTried = 1_000_000;

    /// <summary>The most gained and lost alerts that a trial names.</summary>
    public const int MostShown = 50;

    /// <summary>The most characters of a note.</summary>
    public const int MaxNote = 500;

    private const int DefaultSample = 10;

    /// <summary>Reads rules without keeping them.</summary>
    public static IReadOnlyList<RuleFault> Check(ReadOnlyMemory<byte> rule) =>
        RuleSet.Compile([new RuleDocument("rule", rule)], RulePack.Book()) switch
        {
            RuleSetResult.Compiled compiled => compiled.Warnings,
            RuleSetResult.Refused refused => refused.Faults,
            _ => throw new InvalidOperationException("There is no other result."),
        };

    /// <summary>Stores a draft: one rule, alone or put into the set in force in place of the one of its name.</summary>
    /// <exception cref="ProblemException">monitoring.rule_refused: says where, what and how to mend it.</exception>
    public async Task<RuleSetRow> DraftAsync(
        byte[] rule, bool isAlone, string note, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (note.Length > MaxNote)
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"note has at most {MaxNote} characters.");
        }

        // Documents are stored once: whoever stores the same ones in the same moment, as the first decision does with
        // what ships, makes this one look again.
        return await CommitRaces.AgainAsync(
            () => DraftOnceAsync(rule, isAlone, note, entry, cancellationToken), ErrorCodes.MonitoringRuleSetState);
    }

    private async Task<RuleSetRow> DraftOnceAsync(
        byte[] rule, bool isAlone, string note, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var name = NameOf(rule);
        var drawn = isAlone ? new DrawnRules([], RulePack.BookDocument().ToArray(), null)
            : await OthersAsync(work.Db, [name], cancellationToken);
        var row = await StoreAsync(
            work, drawn with { Documents = [.. drawn.Documents, new RuleDocument(name, rule)] }, note, entry,
            cancellationToken);
        work.Record(
            entry.Draft(
                MonitoringEvents.RulesDrafted, "monitoring.rules.draft", "system_configuration_changed", null,
                ("digest", row.Digest), ("rule", name)),
            row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>
    /// Stores what an update pack makes of the set in force as a draft; its day is when it goes live once it is agreed
    /// to.
    /// </summary>
    /// <exception cref="ProblemException">
    /// monitoring.rule_refused; monitoring.pack_refused: it withdraws a rule that is not there, or changes nothing.
    /// </exception>
    public Task<PackDraft> ImportAsync(UpdatePack pack, AccessEntry entry, CancellationToken cancellationToken) =>
        CommitRaces.AgainAsync(
            () => ImportOnceAsync(pack, entry, cancellationToken), ErrorCodes.MonitoringRuleSetState);

    private async Task<PackDraft> ImportOnceAsync(
        UpdatePack pack, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (live, heldBook, from) = await OthersAsync(work.Db, [], cancellationToken);
        var names = pack.Rules.Select(rule => NameOf(rule.Json)).ToList();
        var there = live.Select(document => NameOf(document.Json)).ToHashSet(StringComparer.Ordinal);
        if (pack.Withdrawn.FirstOrDefault(name => !there.Contains(name)) is { } unknown)
        {
            throw new ProblemException(
                ErrorCodes.MonitoringPackRefused, $"It withdraws \"{unknown}\", which no rule in force is called.");
        }

        var gone = names.Concat(pack.Withdrawn).ToHashSet(StringComparer.Ordinal);
        List<RuleDocument> documents =
            [.. live.Where(document => !gone.Contains(NameOf(document.Json))), .. pack.Rules];
        var book = pack.Reference ?? heldBook;
        var draft = new PackDraft(
            [.. names.Where(name => !there.Contains(name))], [.. names.Where(there.Contains)], pack.Withdrawn,
            ReferenceDifference.Between(heldBook, book));
        var row = await StoreAsync(
            work, new DrawnRules(documents, book, from), $"Update pack: {pack.Name}", entry, cancellationToken);
        row.ActiveFrom = new DateTimeOffset(pack.EffectiveFrom, TimeOnly.MinValue, TimeSpan.Zero);
        work.Record(
            entry.Draft(
                MonitoringEvents.PackImported, "monitoring.rules.import", "system_configuration_changed", null,
                ("digest", row.Digest), ("pack", pack.Name), ("signed_by", pack.SignedBy), ("added", draft.Added),
                ("changed", draft.Changed), ("withdrawn", draft.Withdrawn),
                ("reference_added", draft.Reference.Added.Count),
                ("reference_removed", draft.Reference.Removed.Count)),
            row);
        await work.CommitAsync(cancellationToken);
        return draft with { Row = row };
    }

    /// <summary>
    /// Adds the set in force without one rule to a unit of work, agreed to at once; whoever asks records its entry.
    /// </summary>
    /// <exception cref="ProblemException">monitoring.rule_refused: another rule needs it.</exception>
    public async Task<RuleSetRow> WithoutAsync(
        UnitOfWork work, string rule, AccessEntry entry, CancellationToken cancellationToken)
    {
        var drawn = await OthersAsync(work.Db, [rule], cancellationToken);
        var row = await StoreAsync(work, drawn, $"Paused: {Shortened(rule)}", entry, cancellationToken);
        (row.Status, row.ActiveFrom) = (RuleSetRow.Approved, time.GetUtcNow());
        return row;
    }

    private static string Shortened(string name) => name.Length <= 200 ? name : name[..200];

    /// <summary>Adds a draft to a unit of work; whoever asks records its entry.</summary>
    /// <exception cref="ProblemException">monitoring.rule_refused.</exception>
    public async Task<RuleSetRow> StoreAsync(
        UnitOfWork work, DrawnRules drawn, string note, AccessEntry entry, CancellationToken cancellationToken)
    {
        var compiled = Compile(drawn.Documents, drawn.Book);
        var stored = new List<StoredDocument>();
        foreach (var document in drawn.Documents)
        {
            stored.Add(await RuleSeed.KeepAsync(work, document.Origin, document.Json, cancellationToken));
        }

        var row = new RuleSetRow
        {
            Id = AccessIds.New(RuleSetRow.Prefix, time.GetUtcNow()),
            Digest = compiled.Digest,
            Note = note,
            Documents = RuleSetRow.Join(stored),
            Book = (await RuleSeed.KeepAsync(work, "reference.json", drawn.Book, cancellationToken)).Sha256,
            BookVersion = compiled.Book.Version,
            Status = RuleSetRow.Draft,
            BaseId = drawn.From,
            MadeBy = entry.Actor.Id,
            MadeAt = time.GetUtcNow(),
        };
        work.Add(row);
        return row;
    }

    /// <summary>Asks for a set to go live. It is agreed to now where nobody else could; else it waits.</summary>
    /// <returns>The approval that is waited for; null when it was agreed to at once.</returns>
    public async Task<string?> ActivateAsync(
        string id, DateTimeOffset? from, string reason, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await using (var db = database.CreateContext())
        {
            await RuleLineage.CheckAsync(db, await RowAsync(db, id, cancellationToken), cancellationToken);
        }

        var payload = JsonSerializer.Serialize(new ActivationRequest(id, from), JsonSerializerOptions.Web);
        var action = new GatedAction(
            ActivateRulesAction.Name, new EntryTarget("monitoring_rule_set", id), payload,
            ApprovalDesk.CheckReason(reason));
        if (await gate.Value.AskAsync(action, caller, cancellationToken) is GateAnswer.Waiting waiting)
        {
            return waiting.ApprovalId;
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        await ApproveAsync(work, id, from, entry with { IsAlone = true }, time, cancellationToken);
        await work.CommitAsync(cancellationToken);
        await GoLiveAsync(cancellationToken);

        // Of two that were agreed to in the same instant one is live now, and whoever asked for the other is told.
        await using var after = database.CreateContext();
        await RuleLineage.CheckAsync(after, await RowAsync(after, id, cancellationToken), cancellationToken);
        return null;
    }

    /// <summary>Adds the agreement to a unit of work.</summary>
    public static async Task ApproveAsync(
        UnitOfWork work, string id, DateTimeOffset? from, AccessEntry entry, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var row = await RowAsync(work.Db, id, cancellationToken);
        if (row.Status == RuleSetRow.Approved)
        {
            throw new ProblemException(ErrorCodes.MonitoringRuleSetState, "It was agreed to and waits for its time.");
        }

        await RuleLineage.CheckAsync(work.Db, row, cancellationToken);
        if (row.Status == RuleSetRow.Active)
        {
            // Going back is agreed to against what is live now, and holds against nothing that comes after.
            row.BaseId = await RuleLineage.LiveAsync(work.Db, cancellationToken);
        }

        // An update pack brings its day; a day that has passed is now.
        var now = time.GetUtcNow();
        var own = row.Status == RuleSetRow.Draft && row.ActiveFrom > now ? row.ActiveFrom : now;
        (row.Status, row.ActiveFrom) = (RuleSetRow.Approved, from ?? own);
        work.Record(
            entry.Draft(
                MonitoringEvents.RulesApproved, "monitoring.rules.approve", "system_configuration_changed", null,
                ("digest", row.Digest)),
            row);
    }

    /// <summary>Puts every set live whose time has come, the earliest first.</summary>
    public async Task GoLiveAsync(CancellationToken cancellationToken)
    {
        await held.LookAsync(cancellationToken);
        await using var db = database.CreateContext();
        var now = time.GetUtcNow();
        var due = await db.Set<RuleSetRow>().AsNoTracking()
            .Where(row => row.Status == RuleSetRow.Approved && row.ActiveFrom <= now)
            .OrderBy(row => row.ActiveFrom).ThenBy(row => row.Id).Select(row => row.Id).ToListAsync(cancellationToken);
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        foreach (var id in due)
        {
            try
            {
                await desk.AskAsync(new ActivateJob(id, entry)).WaitAsync(cancellationToken);
            }
            catch (ProblemException fault) when (fault.Code == ErrorCodes.MonitoringRuleSetState
                || fault.Code == ErrorCodes.MonitoringRuleSetStale)
            {
                // Another node or the sweep was first; what is behind is held when it is looked at next.
            }
        }
    }

    /// <exception cref="ProblemException">monitoring.rule_set_not_found.</exception>
    public static async Task<RuleSetRow> RowAsync(ProbityDb db, string id, CancellationToken cancellationToken) =>
        await db.Set<RuleSetRow>().SingleOrDefaultAsync(item => item.Id == id, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.MonitoringRuleSetNotFound);

    /// <summary>Every set, the newest first, at most 500, and the number from which each judged last.</summary>
    public async Task<IReadOnlyList<(RuleSetRow Row, long? Since)>> AllAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var since = await db.Set<StepRow>().AsNoTracking().Where(step => step.Kind == StepRow.Rules)
            .GroupBy(step => step.RuleSetId).Select(group => new { group.Key, Number = group.Max(step => step.Number) })
            .ToListAsync(cancellationToken);
        var rows = await db.Set<RuleSetRow>().AsNoTracking().OrderByDescending(row => row.MadeAt)
            .ThenByDescending(row => row.Id).Take(500).ToListAsync(cancellationToken);
        return [.. rows.Select(row => (row, since.Find(item => item.Key == row.Id)?.Number))];
    }

    /// <summary>The set that judges now; null while none ever did.</summary>
    public async Task<string?> LiveAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await RuleLineage.LiveAsync(db, cancellationToken);
    }

    /// <summary>What the reference data of a set says otherwise than that of another one.</summary>
    public async Task<ReferenceDifference> CompareAsync(
        RuleSetRow before, RuleSetRow after, CancellationToken cancellationToken) =>
        before.Book == after.Book
            ? new ReferenceDifference([], [])
            : ReferenceDifference.Between(
                await library.ReadAsync(before.Book, cancellationToken),
                await library.ReadAsync(after.Book, cancellationToken));

    /// <summary>A set and its rules.</summary>
    /// <exception cref="ProblemException">monitoring.rule_set_not_found.</exception>
    public async Task<(RuleSetRow Row, IReadOnlyList<(string Origin, byte[] Json)> Rules)> FindAsync(
        string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<RuleSetRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.MonitoringRuleSetNotFound);
        var rules = new List<(string, byte[])>();
        foreach (var document in row.DocumentList())
        {
            rules.Add((document.Origin, await library.ReadAsync(document.Sha256, cancellationToken)));
        }

        return (row, rules);
    }

    /// <summary>Judges what is stored by a set, beside what was decided.</summary>
    public async Task<RuleTrial> TryAsync(
        string id, DateTimeOffset? from, DateTimeOffset? to, AccessEntry entry, CancellationToken cancellationToken)
    {
        var (row, _) = await FindAsync(id, cancellationToken);
        var compiled = await library.CompileAsync(row.DocumentList(), row.Book, row.Digest, cancellationToken);
        var trial = new RuleTrial(new MonitoringEngine(compiled, DecisionDesk.OptionsOf(settings)), MostShown);
        await foreach (var step in steps.ReadAsync(0, 0, null, cancellationToken))
        {
            if (trial.Transactions == MostTried)
            {
                break;
            }

            trial.Take(step, step.RecordedAt >= (from ?? DateTimeOffset.MinValue)
                && step.RecordedAt <= (to ?? DateTimeOffset.MaxValue));
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        work.Record(entry.Draft(
            MonitoringEvents.RulesTried, "monitoring.rules.try", "sensitive_read",
            new EntryTarget("monitoring_rule_set", id), ("transactions", trial.Transactions),
            ("alerts", trial.Alerts), ("gained", trial.Gained.Count), ("lost", trial.Lost.Count)));
        await work.CommitAsync(cancellationToken);
        return trial;
    }

    /// <summary>Judges what is stored with a rule of a set at other values of one of its numbers.</summary>
    /// <returns>How many decisions were looked at, and the values, the one as written first.</returns>
    /// <exception cref="ProblemException">
    /// monitoring.rule_set_not_found, request.bad_field, monitoring.rule_refused.
    /// </exception>
    public async Task<(int Transactions, IReadOnlyList<TunedValue> Values)> TuneAsync(
        string id, TuneRule asked, AccessEntry entry, CancellationToken cancellationToken)
    {
        var sample = asked.Sample ?? DefaultSample;
        if (asked is not { Rule: not null, Pointer: not null, Values.Count: > 0 and <= RuleTuning.MostValues }
            || sample is < 0 or > RuleTuning.MostDrawn)
        {
            throw new ProblemException(
                ErrorCodes.RequestMalformed,
                $"Give rule, pointer, 1 to {RuleTuning.MostValues} values and a sample of at most "
                + $"{RuleTuning.MostDrawn}.");
        }

        var (row, rules) = await FindAsync(id, cancellationToken);
        var book = await library.ReadAsync(row.Book, cancellationToken);
        var tuning = new RuleTuning(asked.Rule, Lines(asked, rules, book));
        await foreach (var step in steps.ReadAsync(0, 0, null, cancellationToken))
        {
            if (tuning.Transactions == MostTried)
            {
                break;
            }

            tuning.Take(step, step.RecordedAt >= (asked.From ?? DateTimeOffset.MinValue)
                && step.RecordedAt <= (asked.To ?? DateTimeOffset.MaxValue));
        }

        var seed = asked.Seed ?? 1;
        var values = tuning.Result(sample, seed);
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Record(entry.Draft(
            MonitoringEvents.RulesTried, "monitoring.rules.tune", "sensitive_read",
            new EntryTarget("monitoring_rule_set", id), ("rule", asked.Rule), ("pointer", asked.Pointer),
            ("transactions", tuning.Transactions), ("seed", seed),
            ("values", values.Select(value => new { value.Value, value.Matches, value.Alerts, value.Sample }))));
        await work.CommitAsync(cancellationToken);
        return (tuning.Transactions, values);
    }

    private List<(string Value, MonitoringEngine Engine)> Lines(
        TuneRule asked, IReadOnlyList<(string Origin, byte[] Json)> rules, byte[] book)
    {
        var own = rules.FirstOrDefault(rule => NameOf(rule.Json) == asked.Rule).Json
            ?? throw new ProblemException(ErrorCodes.RequestMalformed, "The set has no rule of this name.");
        var written = RuleTuning.With(own, asked.Pointer, asked.Values[0]).Written;
        List<string> values = [written, .. asked.Values.Where(value => value != written).Distinct()];
        return values.ConvertAll(value =>
        {
            var document = value == written ? own : RuleTuning.With(own, asked.Pointer, value).Document;
            var compiled = Compile(
                [.. rules.Select(rule => new RuleDocument(
                    rule.Origin, ReferenceEquals(rule.Json, own) ? document : rule.Json))],
                book);
            return (value, new MonitoringEngine(compiled, DecisionDesk.OptionsOf(settings)));
        });
    }

    private async Task<DrawnRules> OthersAsync(
        ProbityDb db, IReadOnlyList<string> but, CancellationToken cancellationToken)
    {
        if (await RuleLineage.LiveAsync(db, cancellationToken) is not { } live)
        {
            return new DrawnRules(
                [.. RulePack.Documents().Where(document => !but.Contains(NameOf(document.Json)))],
                RulePack.BookDocument().ToArray(), RuleLineage.Shipped);
        }

        var (row, rules) = await FindAsync(live, cancellationToken);
        return new DrawnRules(
            [.. rules.Where(rule => !but.Contains(NameOf(rule.Json)))
                .Select(rule => new RuleDocument(rule.Origin, rule.Json))],
            await library.ReadAsync(row.Book, cancellationToken), live);
    }

    private static RuleSet Compile(IReadOnlyList<RuleDocument> documents, byte[] book) =>
        RuleSet.Compile(documents, ReferenceBookReader.Read(book)) switch
        {
            RuleSetResult.Compiled compiled => compiled.Rules,
            RuleSetResult.Refused refused => throw Refused(refused.Faults),
            _ => throw new InvalidOperationException("There is no other result."),
        };

    private static ProblemException Refused(IReadOnlyList<RuleFault> faults) =>
        new(ErrorCodes.MonitoringRuleRefused)
        {
            Faults = [.. faults.Where(fault => fault.Level == FaultLevel.Error)
                .Select(fault => new ProblemFault(fault.Place, fault.Code, $"{fault.Message} {fault.Fix}"))],
        };

    /// <summary>The name of a rule; <c>rule</c> where it has none.</summary>
    public static string NameOf(ReadOnlyMemory<byte> rule)
    {
        try
        {
            using var json = JsonDocument.Parse(rule);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()!
                : "rule";
        }
        catch (JsonException)
        {
            return "rule"; // The reader says what is wrong with it.
        }
    }
}

/// <summary>Rules of a set before it is stored.</summary>
/// <param name="Documents">The rules.</param>
/// <param name="Book">The reference data.</param>
/// <param name="From">The set they were drawn from; null for none.</param>
internal sealed record DrawnRules(IReadOnlyList<RuleDocument> Documents, byte[] Book, string? From);

/// <summary>What is agreed to.</summary>
/// <param name="RuleSetId">The set.</param>
/// <param name="From">From when it is live; null for at once.</param>
internal sealed record ActivationRequest(string RuleSetId, DateTimeOffset? From);

/// <summary>What an update pack makes of the set in force.</summary>
/// <param name="Added">Names of rules that are new.</param>
/// <param name="Changed">Names of rules that take the place of others.</param>
/// <param name="Withdrawn">Names of rules that end.</param>
/// <param name="Reference">What changes in the reference data.</param>
internal sealed record PackDraft(
    IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn,
    ReferenceDifference Reference)
{
    /// <summary>The draft.</summary>
    public RuleSetRow Row { get; init; } = null!; // Set when it is stored.
}

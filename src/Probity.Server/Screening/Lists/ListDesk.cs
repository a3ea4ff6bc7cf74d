using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Diff;
using Probity.Screening.Lists.Guard;
using Probity.Screening.Lists.Reading;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Lists;

/// <summary>
/// Loads and activates versions of lists. Reading and guarding come before the commit; a version, its content and its
/// entry are one commit, and so is every refusal. One load at a time on a node: lists are large.
/// </summary>
internal sealed class ListDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, ListLibrary library, ActiveLists active, ListMetrics metrics,
        ListAges ages, TimeProvider time)
    : IDisposable
{
    private const int MaxReason = 1000;
    private readonly SemaphoreSlim _loading = new(1, 1);

    /// <summary>Loads every list found in the files; each stands for itself.</summary>
    /// <param name="files">The files of one load.</param>
    /// <param name="accepted">Codes of guard findings that the caller accepts.</param>
    /// <param name="entry">Who loads.</param>
    public async Task<IReadOnlyList<ListLoadOutcome>> LoadAsync(
        IReadOnlyList<ListFile> files, IReadOnlyCollection<string> accepted, AccessEntry entry,
            CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await active.RefreshAsync(cancellationToken);
            var outcomes = new List<ListLoadOutcome>();
            foreach (var source in ListReader.Find(files))
            {
                outcomes.Add(await LoadAsync(source, accepted, entry, cancellationToken));
            }

            return outcomes;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Makes a version live, without asking a second person: for feeds, whose activation is a setting, and for
    /// whoever holds the data folder.</summary>
    /// <exception cref="ProblemException">There is no such version, it is live already, or another one was made live in
    /// the same moment.</exception>
    public async Task<ListVersionView> ActivateAsync(
        string list, string versionId, string? reason, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var version = await ApplyActivateAsync(work, list, versionId, reason, entry, cancellationToken);
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (Exception raced) when (
            raced is StorageException { Code: "storage.row_changed" } or DbUpdateException)
        {
            throw new ProblemException(ErrorCodes.ScreeningListRaced);
        }

        await active.RefreshAsync(cancellationToken);
        return ListViews.Of(version, isActive: true);
    }

    /// <summary>Adds an activation and its entry to a unit of work; whoever commits it lets
    /// <see cref="ActiveLists.RefreshAsync"/> follow.</summary>
    /// <exception cref="ProblemException">There is no such version, it is live already, or its content is
    /// damaged.</exception>
    public async Task<ListVersionRow> ApplyActivateAsync(
        UnitOfWork work, string list, string versionId, string? reason, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        if (reason?.Length > MaxReason)
        {
            throw new ProblemException(
                ErrorCodes.RequestMalformed, $"The reason has more than {MaxReason} characters.");
        }

        var version = await work.Db.Set<ListVersionRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == versionId && row.List == list, cancellationToken)
            ?? throw new ProblemException(
                ErrorCodes.ScreeningListVersionNotFound, $"{list} has no version {versionId}.");
        var row = await work.Db.Set<ListRow>().SingleOrDefaultAsync(item => item.List == list, cancellationToken);
        if (row?.VersionId == versionId)
        {
            throw new ProblemException(ErrorCodes.ScreeningListUnchanged, $"{versionId} is live already.");
        }

        // What cannot be read back must not go live.
        await library.ReadAsync(version, cancellationToken);
        if (row is null)
        {
            row = new ListRow { List = list, VersionId = versionId, ActivatedAt = time.GetUtcNow() };
            work.Add(row);
        }
        else
        {
            (row.VersionId, row.ActivatedAt) = (versionId, time.GetUtcNow());
        }

        var why = entry with { Reason = reason is null ? entry.Reason : new EntryReason { Text = reason } };
        work.Record(
            why.Draft(ListEvents.Activated, "screening.list.activate", "system_configuration_changed",
                new EntryTarget("screening_list_version", versionId), ("list", list), ("sha256", version.Sha256),
                ("entries", version.Entries), ("published_on", version.PublishedOn)),
            row);
        return version;
    }

    /// <summary>Compares two versions.</summary>
    /// <param name="list">The list.</param>
    /// <param name="from">A version, or null for the live one.</param>
    /// <param name="to">A version, or null for the one loaded last.</param>
    /// <param name="limit">How many entries of each kind are shown, 1 to 1,000.</param>
    public async Task<ListDiffView> DiffAsync(
        string list, string? from, string? to, int limit, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<ListVersionRow>().AsNoTracking().Where(row => row.List == list)
            .OrderByDescending(row => row.LoadedAt).ThenByDescending(row => row.Id).ToListAsync(cancellationToken);
        var live = await db.Set<ListRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.List == list, cancellationToken);
        var after = Pick(rows, to) ?? rows.FirstOrDefault() ?? throw NotFound(list, to);
        var before = Pick(rows, from) ?? rows.SingleOrDefault(row => row.Id == live?.VersionId);
        var diff = ListDiff.Between(
            before is null ? null : (await library.ReadAsync(before, cancellationToken)).List,
            (await library.ReadAsync(after, cancellationToken)).List);
        return ListViews.Of(list, before?.Id, after.Id, diff, limit);
    }

    public void Dispose() => _loading.Dispose();

    private static ListVersionRow? Pick(List<ListVersionRow> rows, string? id) =>
        id is null ? null : rows.SingleOrDefault(row => row.Id == id) ?? throw NotFound(id, id);

    private static ProblemException NotFound(string list, string? id) =>
        new(ErrorCodes.ScreeningListVersionNotFound, $"There is no version {id} of {list}.");

    private async Task<ListLoadOutcome> LoadAsync(
        ListSource source, IReadOnlyCollection<string> accepted, AccessEntry entry, CancellationToken cancellationToken)
    {
        var names = source.Files.Select(file => file.PlainName).ToList();
        switch (ListReader.Read(source))
        {
            case ListReadResult.Refused refused:
                var finding =
                    new ListFinding(ListViews.Snake(refused.Fault.Kind.ToString()), refused.Fault.ToString(), false);
                return await RefuseAsync(null, names, [finding], [], entry, cancellationToken);
            case ListReadResult.Accepted read:
                return await GuardedAsync(source, read, names, accepted, entry, cancellationToken);
            default:
                throw new InvalidOperationException("There is no other result of reading.");
        }
    }

    private async Task<ListLoadOutcome> GuardedAsync(
        ListSource source, ListReadResult.Accepted read, List<string> names, IReadOnlyCollection<string> accepted,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        var list = read.List.Version.List;
        var current = active.Current.GetValueOrDefault(list)?.Read;
        var verdict = ListGuard.Check(read, current, GuardOptions.Default with { Accepted = [.. accepted] });
        if (verdict is GuardVerdict.Refused refused)
        {
            ListFinding[] findings = [.. refused.Findings.Select(f => new ListFinding(f.Code, f.Text, f.IsAccepted))];
            return await RefuseAsync(list.Value, names, findings, read.Report.Warnings, entry, cancellationToken);
        }

        var known = await KnownAsync(list.Value, read.List.Version.Sha256, cancellationToken);
        if (known is not null)
        {
            await CheckedAsync(list.Value, null, cancellationToken);
            return Outcome("unchanged", known, names, read, []);
        }

        var taken = verdict is GuardVerdict.Passed passed ? passed.Accepted : [];
        var version =
            await StoreAsync(
                source, read, current, [.. taken.Select(f => f.Code).Distinct()], entry, cancellationToken);
        await CheckedAsync(list.Value, null, cancellationToken);
        metrics.Loaded(list);
        return Outcome(
            "loaded", ListViews.Of(version, isActive: false), names, read,
            [.. taken.Select(f => new ListFinding(f.Code, f.Text, true))]);
    }

    private async Task<ListVersionRow> StoreAsync(
        ListSource source, ListReadResult.Accepted read, ListReadResult.Accepted? current, List<string> accepted,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        var diff = ListDiff.Between(current?.List, read.List);
        var now = time.GetUtcNow();
        var row = ListViews.Row(read, diff, accepted, now);
        await using var work = new UnitOfWork(database, ledger.Value);
        var known = await work.Db.Set<ListContentRow>().AsNoTracking().Select(item => item.Sha256)
            .ToListAsync(cancellationToken);
        foreach (
            var part in read.Report.Parts.DistinctBy(part => part.Sha256).Where(part => !known.Contains(part.Sha256)))
        {
            var file = source.Files.First(file => file.PlainName == part.Name);
            work.Add(await ListLibrary.ContentAsync(file, part.Sha256, cancellationToken));
        }

        work.Add(row);
        work.Record(
            entry.Draft(ListEvents.Loaded, "screening.list.load", "system_configuration_changed", null,
                ("list", row.List), ("sha256", row.Sha256), ("entries", row.Entries),
                ("added", row.Added), ("removed", row.Removed), ("changed", row.Changed)),
            row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    private async Task<ListLoadOutcome> RefuseAsync(
        string? list, List<string> names, ListFinding[] findings, IReadOnlyList<string> warnings,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var draft = entry.Draft(
            ListEvents.Refused, "screening.list.load", "input_validation_fail",
            list is null ? null : new EntryTarget("screening_list", list),
            ("files", names.Take(20)), ("codes", findings.Where(f => !f.IsAccepted).Select(f => f.Code).Distinct()),
            ("findings", findings.Take(20).Select(f => Short(f.Text))));
        work.Record(draft with { Outcome = "failure" });
        await work.CommitAsync(cancellationToken);
        metrics.Refused(findings[0].Code);
        if (list is not null)
        {
            await CheckedAsync(list, Short(findings.First(f => !f.IsAccepted).Text), cancellationToken);
        }

        return new ListLoadOutcome
        {
            Outcome = "refused", List = list, Files = names, Findings = findings, Warnings = warnings,
        };
    }

    private static ListLoadOutcome Outcome(
        string outcome, ListVersionView version, List<string> names, ListReadResult.Accepted read,
            IReadOnlyList<ListFinding> findings) =>
        new()
        {
            Outcome = outcome, List = version.List, Files = names, Version = version, Findings = findings,
            Warnings = read.Report.Warnings,
        };

    private async Task<ListVersionView?> KnownAsync(string list, string sha256, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ListVersionRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.List == list && item.Sha256 == sha256, cancellationToken);
        var live = await db.Set<ListRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.List == list, cancellationToken);
        return row is null ? null : ListViews.Of(row, row.Id == live?.VersionId);
    }

    /// <summary>Notes that a list was looked for now. A fault keeps the time of the last success.</summary>
    public async Task CheckedAsync(string list, string? fault, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.SaveAsync(
            async (db, token) =>
            {
                var row = await db.Set<ListFeedRow>().SingleOrDefaultAsync(item => item.List == list, token);
                if (row is null)
                {
                    row = new ListFeedRow { List = list };
                    db.Add(row);
                }

                row.LastFault = fault;
                row.CheckedAt = fault is null ? now : row.CheckedAt;
            },
            cancellationToken);
        if (fault is null)
        {
            ages.Note(list, now);
        }
    }

    private static string Short(string text) => text.Length <= 500 ? text : text[..500] + "…";
}

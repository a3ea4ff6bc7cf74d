using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Storage.Commits;

/// <summary>
/// A change of audited rows and the entries that tell of it, committed in one transaction. Read what is to change
/// through <see cref="Db"/>, change it, <see cref="Record(EntryDraft, object)"/> one entry for each changed row, commit. Not thread safe;
/// commits once.
/// </summary>
/// <remarks>
/// Reading holds no lock. The before-state is the after-state of the entry the row named when it was read, and the
/// update finds the row only while it still names that entry, so a lost update is refused instead of being recorded
/// with a wrong before-state.
/// </remarks>
internal sealed class UnitOfWork(IDatabase database, ILedgerWriter ledger) : IAsyncDisposable
{
    private readonly List<(EntryDraft Draft, object? Row)> _drafts = [];
    private readonly HashSet<object> _recorded = new(ReferenceEqualityComparer.Instance);
    private readonly List<object> _bulk = [];
    private ProbityDb? _db;
    private bool _committed;

    /// <summary>The context to read and change rows with. Do not save it: <see cref="CommitAsync"/> does.</summary>
    /// <remarks>Made when it is first asked for: a commit of entries and rows in bulk needs none.</remarks>
    public ProbityDb Db => _db ??= database.CreateContext();

    /// <summary>Inserts a row.</summary>
    public void Add(object row) => Db.Add(row);

    /// <summary>
    /// Inserts a row of an operational table past the change tracker, which costs more than the row where there are
    /// hundreds. It must not be changed afterwards.
    /// </summary>
    /// <exception cref="StorageException">At the commit, storage.unaudited_change: the table is audited.</exception>
    public void AddInBulk(object row) => _bulk.Add(row);

    /// <summary>
    /// A row of an audited table that is to be inserted past the change tracker; it may change until the commit.
    /// <see cref="Record(EntryDraft, object)"/> its entry, without which it is not written.
    /// </summary>
    public RowChange Inserting(object row) => RowChange.Inserting(database.Model, row);

    /// <summary>
    /// A row of an audited table that was read without tracking and is to be updated past the change tracker: what is
    /// changed from here on to the commit. <see cref="Record(EntryDraft, object)"/> its entry, without which it is
    /// not written.
    /// </summary>
    /// <param name="row">The row as it was read.</param>
    /// <param name="entryId">The entry it named then; the update finds it only while it still does.</param>
    public RowChange Changing(object row, string entryId) => RowChange.Changing(database.Model, row, entryId);

    /// <summary>
    /// Updates a row that was read through <see cref="Db"/>; setting its members is enough, the call only says so.
    /// </summary>
    /// <exception cref="InvalidOperationException">The row was not read here, so its before-state is unknown.</exception>
    public void Update(object row) => RequireTracked(row);

    /// <summary>Deletes a row that was read through <see cref="Db"/>.</summary>
    /// <exception cref="InvalidOperationException">The row was not read here, so its before-state is unknown.</exception>
    public void Remove(object row)
    {
        RequireTracked(row);
        Db.Remove(row);
    }

    /// <summary>
    /// Records the entry that stands for the change of <paramref name="row"/>, a tracked one or a
    /// <see cref="RowChange"/>; its before and after are filled in from
    /// the row at commit, secrets redacted, and its last target is the row.
    /// </summary>
    /// <exception cref="ArgumentException">The row has its entry already, or the draft brings its own diff.</exception>
    public void Record(EntryDraft draft, object row)
    {
        if (HasEntry(row))
        {
            throw new ArgumentException("The row has its entry already.", nameof(row));
        }

        if (draft.BeforeJson is not null || draft.AfterJson is not null)
        {
            throw new ArgumentException("The diff comes from the row, not from the draft.", nameof(draft));
        }

        _drafts.Add((draft, row));
        _recorded.Add(row);
    }

    /// <summary>Whether an entry was recorded; without one there is nothing to commit, and what is operational is saved
    /// through <see cref="OperationalWrite"/>.</summary>
    public bool HasEntries => _drafts.Count > 0;

    /// <summary>Whether the change of a row has its entry here already.</summary>
    public bool HasEntry(object row) => _recorded.Contains(row);

    /// <summary>Records an entry that stands for no row, for example of a read.</summary>
    public void Record(EntryDraft draft) => _drafts.Add((draft, null));

    /// <summary>Writes the rows and their entries. Durable when the task completes.</summary>
    /// <exception cref="StorageException">
    /// storage.unaudited_change: an audited row changed without an entry. storage.row_changed: someone changed a row
    /// after it was read here; read again and decide anew. Nothing was written.
    /// </exception>
    /// <exception cref="InvalidOperationException">No entry was recorded, or it was committed before.</exception>
    public async Task<AppendReceipt> CommitAsync(CancellationToken cancellationToken)
    {
        if (_committed)
        {
            throw new InvalidOperationException("A unit of work commits once.");
        }

        _committed = true;
        var entries = _db is null && _drafts.TrueForAll(IsUntracked) ? _drafts.ConvertAll(EntryOf) : EntriesOf(Db);
        if (entries.Count == 0)
        {
            throw new InvalidOperationException(
                "No entry was recorded, so there is nothing to commit: record one, or save what is operational through "
                + "OperationalWrite.");
        }

        return await ledger.AppendAsync(new AppendRequest(entries) { Alongside = SaveAsync }, cancellationToken);
    }

    public ValueTask DisposeAsync() => _db?.DisposeAsync() ?? ValueTask.CompletedTask;

    private List<EntryDraft> EntriesOf(ProbityDb db)
    {
        db.ChangeTracker.DetectChanges();
        var allowed = new AuditedChanges();
        var entries = _drafts.ConvertAll(d =>
            IsUntracked(d) ? EntryOf(d) : WithDiff(d.Draft, d.Row!, allowed)); // A row is there, or it would be none.
        foreach (var change in AuditedChanges.In(db))
        {
            if (!allowed.Has(change.Entity)) // That it is still the same is asked when it is saved.
            {
                throw UnauditedChange.Of(change);
            }
        }

        db.Allowed = allowed;
        return entries;
    }

    private static bool IsUntracked((EntryDraft Draft, object? Row) recorded) => recorded.Row is null or RowChange;

    private static EntryDraft EntryOf((EntryDraft Draft, object? Row) recorded) =>
        recorded.Row is RowChange change ? change.Settle(recorded.Draft) : recorded.Draft;

    private EntryDraft WithDiff(EntryDraft draft, object row, AuditedChanges allowed)
    {
        var entry = Db.Entry(row);
        if (!entry.Metadata.IsAudited() || entry.State is EntityState.Unchanged or EntityState.Detached)
        {
            throw new InvalidOperationException(
                $"{entry.Metadata.DisplayName()} is {entry.State}: no change for an entry to stand for.");
        }

        if (entry.State != EntityState.Deleted)
        {
            entry.Property(AuditDeclarations.EntryId).CurrentValue = draft.Id;
        }

        var change = AuditedChange.Of(entry);
        allowed.Add(row, change);
        return draft with
        {
            BeforeJson = change.Before,
            AfterJson = change.After,
            Targets = RowTarget.EndingWith(draft.Targets, RowTarget.Of(entry)),
        };
    }

    private async Task SaveAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            if (_db is not null)
            {
                await SaveAsync(_db, connection, transaction, cancellationToken);
            }

            await RowChange.WriteAsync(
                [.. _drafts.Select(d => d.Row).OfType<RowChange>()], connection, transaction, cancellationToken);
            await BulkInsert.WriteAsync(database.Model, _bulk, connection, transaction, cancellationToken);
        }
        catch (DbUpdateConcurrencyException changed)
        {
            throw new StorageException("storage.row_changed",
                "A row was changed by someone else after it was read: read it again and decide anew.", changed);
        }
    }

    private static async Task SaveAsync(
        ProbityDb db, DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await db.Database.UseTransactionAsync(null, cancellationToken);
        db.Database.SetDbConnection(connection, contextOwnsConnection: false);
        await db.Database.UseTransactionAsync(transaction, cancellationToken);

        // The transaction may still be rolled back and run again, so the changes stay marked as changes.
        await db.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellationToken);
    }

    private EntityEntry RequireTracked(object row)
    {
        var entry = Db.Entry(row);
        return entry.State is EntityState.Detached
            ? throw new InvalidOperationException(
                $"{entry.Metadata.DisplayName()} was not read through this unit of work: its before-state is unknown.")
            : entry;
    }
}

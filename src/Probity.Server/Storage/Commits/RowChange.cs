using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Storage.Commits;

/// <summary>
/// The insert or update of one row of an audited table past the change tracker, which costs several times what the
/// statement does. Its entry and its refusals are the same as of a tracked row, but that what
/// is changed once the commit has begun is not refused: it is not written. Not thread safe.
/// </summary>
internal sealed class RowChange
{
    private const string EntryParameter = "@entry";
    private const string KnownEntryParameter = "@known_entry";

    private static readonly ConditionalWeakTable<IEntityType, Table> s_tables = [];

    private readonly Table _table;
    private readonly object _row;
    private readonly object?[]? _before;
    private readonly string? _knownEntry;
    private object?[] _after = [];
    private string? _entry;

    private RowChange(IModel model, object row, string? knownEntry)
    {
        var entity = model.FindEntityType(row.GetType());
        if (entity?.IsAudited() is not true)
        {
            throw new ArgumentException($"{row.GetType().Name} is no row of an audited table.", nameof(row));
        }

        _table = s_tables.GetValue(entity, static mapped => new Table(mapped));
        (_row, _knownEntry) = (row, knownEntry);
        _before = knownEntry is null ? null : _table.ValuesOf(row);
    }

    /// <inheritdoc cref="UnitOfWork.Inserting"/>
    public static RowChange Inserting(IModel model, object row) => new(model, row, null);

    /// <inheritdoc cref="UnitOfWork.Changing"/>
    public static RowChange Changing(IModel model, object row, string entryId) => new(model, row, entryId);

    /// <summary>Ends what may change: the row is written as it is now.</summary>
    /// <returns>The entry, with the change of the row and the row as its last target.</returns>
    /// <exception cref="InvalidOperationException">Nothing that an entry tells of has changed.</exception>
    public EntryDraft Settle(EntryDraft draft)
    {
        (_after, _entry) = (_table.ValuesOf(_row), draft.Id);
        if (!_table.Properties.Any(property => IsChanged(property) && !property.IsOperational()))
        {
            throw new InvalidOperationException(
                $"{_table.Entity.DisplayName()} is unchanged: no change for an entry to stand for.");
        }

        var change = AuditedChange.Of(
            _table.Entity, _before is null ? null : property => _before[_table.PlaceOf(property)], After, IsChanged);
        return draft with
        {
            BeforeJson = change.Before,
            AfterJson = change.After,
            Targets = RowTarget.EndingWith(draft.Targets, RowTarget.Of(_table.Entity, After)),
        };
    }

    /// <summary>Writes settled changes, in their order; it may be done again after a rollback.</summary>
    /// <exception cref="DbUpdateConcurrencyException">A row no longer names the entry it did.</exception>
    /// <exception cref="DbUpdateException">A row is there already, or the store refuses it.</exception>
    public static async Task WriteAsync(
        IReadOnlyList<RowChange> changes, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }

        try
        {
            await (connection.CanCreateBatch
                ? WriteTogetherAsync(changes, connection, transaction, cancellationToken)
                : WriteOneByOneAsync(changes, connection, transaction, cancellationToken));
        }
        catch (DbException refused)
        {
            throw new DbUpdateException("The store refused a row.", refused);
        }
    }

    private static async Task WriteOneByOneAsync(
        IReadOnlyList<RowChange> changes, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        foreach (var change in changes)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            change.Fill(command);
            RequireOne(await command.ExecuteNonQueryAsync(cancellationToken));
        }
    }

    // One round trip for all.
    private static async Task WriteTogetherAsync(
        IReadOnlyList<RowChange> changes, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var change in changes)
        {
            await using var filled = connection.CreateCommand();
            change.Fill(filled);
            var command = batch.CreateBatchCommand();
            command.CommandText = filled.CommandText;
            DbParameter[] parameters = [.. filled.Parameters.Cast<DbParameter>()];
            filled.Parameters.Clear();
            command.Parameters.AddRange(parameters);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        foreach (var command in batch.BatchCommands)
        {
            RequireOne(command.RecordsAffected);
        }
    }

    private static void RequireOne(int rows)
    {
        if (rows != 1)
        {
            throw new DbUpdateConcurrencyException("A row no longer names the entry it did.");
        }
    }

    private bool IsChanged(IProperty property)
    {
        var place = _table.PlaceOf(property);
        return _before is null || !property.GetValueComparer().Equals(_before[place], _after[place]);
    }

    private object? After(IProperty property) => _after[_table.PlaceOf(property)];

    // The names are those of the model, never of a request.
#pragma warning disable CA2100
    private void Fill(DbCommand command)
    {
        var written = _table.Properties.Where(IsChanged).ToList();
        written.ForEach(property => Table.Add(command, property, After(property)));
        _table.AddEntry(command, EntryParameter, _entry
            ?? throw new InvalidOperationException("A change is settled before it is written."));
        if (_knownEntry is null)
        {
            command.CommandText = _table.Insert(written, EntryParameter);
            return;
        }

        foreach (var part in _table.Key.Where(part => !written.Contains(part)))
        {
            Table.Add(command, part, After(part));
        }

        _table.AddEntry(command, KnownEntryParameter, _knownEntry);
        command.CommandText = _table.Update(written, EntryParameter, KnownEntryParameter);
    }
#pragma warning restore CA2100

    /// <summary>An audited table as the model maps it.</summary>
    private sealed class Table
    {
        private readonly Dictionary<IProperty, int> _places;
        private readonly IProperty _entryId;
        private readonly string _name;

        public Table(IEntityType entity)
        {
            Entity = entity;
            _entryId = entity.FindProperty(AuditDeclarations.EntryId)!; // Every audited table has it.
            _name = entity.GetSchemaQualifiedTableName()!; // Tables only are audited.
            Properties = [.. entity.GetProperties().Where(property => property != _entryId)];
            Key = entity.FindPrimaryKey()!.Properties; // RowTarget refuses what has none.
            _places = Properties.Index().ToDictionary(item => item.Item, item => item.Index);
        }

        public IEntityType Entity { get; }

        /// <summary>All but the one that names the entry.</summary>
        public IReadOnlyList<IProperty> Properties { get; }

        public IReadOnlyList<IProperty> Key { get; }

        public int PlaceOf(IProperty property) => _places[property];

        public object?[] ValuesOf(object row) =>
            [.. Properties.Select(property =>
                property.GetValueComparer().Snapshot(property.GetGetter().GetClrValue(row)))];

        public string Insert(List<IProperty> written, string entry) =>
            $"INSERT INTO {_name} ({string.Join(", ", written.Select(Name))}, {Name(_entryId)}) "
            + $"VALUES ({string.Join(", ", written.Select(Parameter))}, {entry})";

        public string Update(List<IProperty> written, string entry, string knownEntry) =>
            $"UPDATE {_name} SET {string.Join(", ", written.Select(Assigned))}, {Name(_entryId)} = {entry} "
            + $"WHERE {string.Join(" AND ", Key.Select(Assigned))} AND {Name(_entryId)} = {knownEntry}";

        public static void Add(DbCommand command, IProperty property, object? value) =>
            Add(command, property, Parameter(property), value);

        public void AddEntry(DbCommand command, string parameter, string value) =>
            Add(command, _entryId, parameter, value);

        private static void Add(DbCommand command, IProperty property, string parameter, object? value) =>
            command.Parameters.Add(property.GetRelationalTypeMapping()
                .CreateParameter(command, parameter, value, property.IsNullable));

        private static string Name(IProperty property) => property.GetColumnName();

        private static string Parameter(IProperty property) => "@" + Name(property);

        private static string Assigned(IProperty property) => $"{Name(property)} = {Parameter(property)}";
    }
}

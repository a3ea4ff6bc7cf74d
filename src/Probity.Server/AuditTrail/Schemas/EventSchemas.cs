using System.Collections.Frozen;
using System.Text;
using Microsoft.EntityFrameworkCore;
using NJsonSchema;
using NJsonSchema.Validation;
using Probity.Ledger.Json;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Schemas;

/// <summary>
/// Optional JSON Schemas per action. Off: nothing is checked. Warn: a violation is counted and logged by its place.
/// Enforce: the event is refused with the place. Schemas are read again every few seconds, so all nodes follow.
/// </summary>
internal sealed class EventSchemas(
    IDatabase database,
    Lazy<ILedgerWriter> ledger,
    EventSchemaMode mode,
    TimeProvider time,
    SchemaMetrics metrics,
    ILogger<EventSchemas> logger) : IDisposable
{
    private const int MaxSchemas = 1_000;
    private static readonly TimeSpan s_readAgain = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private FrozenDictionary<string, JsonSchema> _schemas = FrozenDictionary<string, JsonSchema>.Empty;
    private long _readAt = long.MinValue;

    /// <summary>Checks an event as the mode asks.</summary>
    /// <exception cref="RefusedException">The mode is enforce and the event violates the schema of its action.</exception>
    public void Check(JsonItem item)
    {
        if (mode == EventSchemaMode.Off || !item.TryGet("action"u8, out var action)
            || action.Kind != System.Text.Json.JsonValueKind.String
            || !Current().TryGetValue(action.GetString(), out var schema))
        {
            return;
        }

        var violations = schema.Validate(Encoding.UTF8.GetString(item.Raw));
        if (violations.Count == 0)
        {
            return;
        }

        var first = Innermost(violations.First());
        var pointer = item.Pointer + ViolationPointer.Of(first);
        metrics.Violated();
        if (mode == EventSchemaMode.Warn)
        {
            logger.SchemaViolated(violations.Count, first.Kind.ToString());
            return;
        }

        throw new RefusedException(
            "event.schema_violation", pointer, $"The schema of this action is not met here: {first.Kind}.");
    }

    public async Task<IReadOnlyList<EventSchemaRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<EventSchemaRow>().AsNoTracking().OrderBy(row => row.Action).ToListAsync(cancellationToken);
    }

    public async Task<EventSchemaRow?> FindAsync(string action, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<EventSchemaRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Action == action, cancellationToken);
    }

    /// <summary>Sets the schema of an action; commits with its entry.</summary>
    /// <exception cref="RefusedException">The text is no JSON Schema.</exception>
    public async Task<EventSchemaRow> PutAsync(
        string action, string schema, Caller caller, CancellationToken cancellationToken)
    {
        await RequireSchemaAsync(schema, cancellationToken);
        await using var work = new UnitOfWork(database, ledger.Value);
        var rows = work.Db.Set<EventSchemaRow>();
        var row = await rows.SingleOrDefaultAsync(known => known.Action == action, cancellationToken);
        if (row is null)
        {
            if (await rows.CountAsync(cancellationToken) >= MaxSchemas)
            {
                throw new RefusedException("request.bad_field", "", $"There are {MaxSchemas} schemas already.");
            }

            row = new EventSchemaRow { Action = action, Schema = schema, Version = 1, UpdatedAt = time.GetUtcNow() };
            work.Add(row);
        }
        else
        {
            (row.Schema, row.Version, row.UpdatedAt) = (schema, row.Version + 1, time.GetUtcNow());
        }

        work.Record(Draft("probity.events.schema_set", "events.schema.set", action, caller), row);
        await work.CommitAsync(cancellationToken);
        _readAt = long.MinValue;
        return row;
    }

    /// <summary>Removes the schema of an action; whether there was one.</summary>
    public async Task<bool> DeleteAsync(string action, Caller caller, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<EventSchemaRow>()
            .SingleOrDefaultAsync(known => known.Action == action, cancellationToken);
        if (row is null)
        {
            return false;
        }

        work.Remove(row);
        work.Record(Draft("probity.events.schema_removed", "events.schema.remove", action, caller), row);
        await work.CommitAsync(cancellationToken);
        _readAt = long.MinValue;
        return true;
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>A list item at fault holds the faults within it; alternatives are left alone, none of them is the one meant.</summary>
    private static ValidationError Innermost(ValidationError error)
    {
        while (error is ChildSchemaValidationError { Kind: ValidationErrorKind.ArrayItemNotValid } child
            && child.Errors.Values.SelectMany(inner => inner).FirstOrDefault() is { } inside)
        {
            error = inside;
        }

        return error;
    }

    private FrozenDictionary<string, JsonSchema> Current()
    {
        if (Volatile.Read(ref _readAt) == long.MinValue || time.GetElapsedTime(_readAt) > s_readAgain)
        {
            ReadAgainAsync().GetAwaiter().GetResult();
        }

        return _schemas;
    }

    private async Task ReadAgainAsync()
    {
        await _reading.WaitAsync();
        try
        {
            var schemas = new Dictionary<string, JsonSchema>(StringComparer.Ordinal);
            foreach (var row in await ListAsync(CancellationToken.None))
            {
                schemas[row.Action] = await JsonSchema.FromJsonAsync(row.Schema, CancellationToken.None);
            }

            _schemas = schemas.ToFrozenDictionary(StringComparer.Ordinal);
            Volatile.Write(ref _readAt, time.GetTimestamp());
        }
        finally
        {
            _reading.Release();
        }
    }

    private static async Task RequireSchemaAsync(string schema, CancellationToken cancellationToken)
    {
        if (HasRemoteReference(schema))
        {
            throw new RefusedException(
                "request.bad_field", "", "A schema must not refer to another host; put what it needs into $defs.");
        }

        try
        {
            await JsonSchema.FromJsonAsync(schema, cancellationToken);
        }
        catch (Exception failure) when (failure is Newtonsoft.Json.JsonException or InvalidOperationException
            or NotSupportedException or ArgumentException)
        {
            throw new RefusedException("request.bad_field", "", "The body is not a JSON Schema.");
        }
    }

    private static bool HasRemoteReference(string schema)
    {
        using var tape = JsonTape.Parse(Encoding.UTF8.GetBytes(schema), new JsonLimits(1 << 20));
        return Refers(tape.Root);
    }

    private static bool Refers(JsonItem item)
    {
        if (item.Kind == System.Text.Json.JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                if ((member.NameEquals("$ref"u8) && member.Value.Kind == System.Text.Json.JsonValueKind.String
                    && !member.Value.GetString().StartsWith('#')) || Refers(member.Value))
                {
                    return true;
                }
            }
        }
        else if (item.Kind == System.Text.Json.JsonValueKind.Array)
        {
            foreach (var element in item.EnumerateArray())
            {
                if (Refers(element))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private EntryDraft Draft(string type, string action, string target, Caller caller) => new()
    {
        Id = EntryIds.New(time.GetUtcNow()),
        Type = type,
        Action = action,
        Actor = caller.ToActor(),
        Targets = [new EntryTarget("event_schema", target)],
    };
}

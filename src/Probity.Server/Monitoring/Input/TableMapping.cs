using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Monitoring.Input;

/// <summary>Where a field of a transaction comes from in a table.</summary>
internal sealed record FieldSource
{
    /// <summary>The columns it is made of, in order; empty for a constant or a line number.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>What stands between the columns.</summary>
    public string Join { get; init; } = "";

    /// <summary>The constant; null for none. Also what an empty cell means.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the line number is the value.</summary>
    public bool IsLine { get; init; }

    /// <summary>What each word of the table means; a word that is not here stays as it is.</summary>
    public IReadOnlyDictionary<string, string> Words { get; init; } = new Dictionary<string, string>();

    /// <summary>The form of an instant, as .NET writes it; null for ISO 8601.</summary>
    public string? Format { get; init; }

    /// <summary>The offset of an instant that has none.</summary>
    public TimeSpan Offset { get; init; }

    /// <summary>Whether an amount is rounded half to even to the minor units of its currency.</summary>
    public bool IsRounded { get; init; }

    /// <summary>The first day, where the value counts days; null where it does not.</summary>
    public DateOnly? FirstDay { get; init; }

    /// <summary>What the first day is called in the table, 0 or 1 as a rule.</summary>
    public int FirstDayNumber { get; init; }
}

/// <summary>
/// Says which column of a table holds which field of a transaction. Without a mapping the columns have the names of
/// the fields. A member is a column name, or {"column"|"columns", "join", "value", "words", "format", "offset",
/// "first_day", "first_day_number", "line", "round"}.
/// </summary>
internal sealed class TableMapping
{
    /// <summary>Every field there is, the required ones first.</summary>
    public static readonly IReadOnlyList<string> Fields =
    [
        "transaction_id", "occurred_at", "debtor_account", "creditor_account", "amount", "currency", "type",
        "source", "debtor_customer", "creditor_customer", "debtor_country", "creditor_country", "channel", "status",
        "conductor", "on_behalf_of", "branch", "is_exchange", "narrative", "purpose", "latitude",
        "longitude",
    ];

    private const int Required = 7;
    private const int MaxBytes = 1 << 20;

    private readonly Dictionary<string, FieldSource> _sources;

    private TableMapping(Dictionary<string, FieldSource> sources) => _sources = sources;

    /// <summary>Columns named like the fields.</summary>
    public static TableMapping Default { get; } = new(Fields.ToDictionary(
        field => field, field => new FieldSource { Columns = [field] }, StringComparer.Ordinal));

    /// <summary>
    /// Gets whether amounts are rounded: for data that carries more places than the currency has.
    /// </summary>
    public bool RoundsAmounts => _sources.GetValueOrDefault("amount") is { IsRounded: true };

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="ExpectedFaultException">
    /// It cannot be read, or has a fault; says where and what to do.
    /// </exception>
    public static TableMapping Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new ExpectedFaultException(
                    $"{path} has more than {MaxBytes} bytes.", "A mapping is a small file.");
            }

            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 };
            if (JsonNode.Parse(File.ReadAllBytes(path), documentOptions: options) is not JsonObject json)
            {
                throw Fault(path, "", "the mapping is no JSON object");
            }

            return Of(path, json);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"{path} cannot be read: {fault.Message}", "Correct --mapping.", cause: fault);
        }
        catch (JsonException fault)
        {
            throw new ExpectedFaultException($"{path} is no JSON: {fault.Message}", "Correct it there.", cause: fault);
        }
    }

    /// <summary>Refuses a table that lacks what is needed.</summary>
    public void Check(CsvRows rows)
    {
        for (var i = 0; i < Fields.Count; i++)
        {
            var source = _sources.GetValueOrDefault(Fields[i]);
            var missing = source?.Columns.FirstOrDefault(column => !rows.Has(column));
            if (i < Required && (source is null || (missing is not null && source.Value is null)))
            {
                throw rows.Fault(1, $"there is no column \"{missing ?? Fields[i]}\" for {Fields[i]}",
                    "Name it in the header, or say in a mapping file (--mapping) where the field comes from.");
            }
        }
    }

    /// <summary>Gets a field's text; "" where the table has none.</summary>
    public string Text(CsvRows rows, CsvRow row, string field)
    {
        if (!_sources.TryGetValue(field, out var source))
        {
            return "";
        }

        var text = source.IsLine ? row.Line.ToString(CultureInfo.InvariantCulture) : Joined(rows, row, source);
        return text.Length == 0 ? source.Value ?? "" : source.Words.GetValueOrDefault(text, text);
    }

    /// <summary>Gets the instant of a row.</summary>
    /// <exception cref="InputRefusedException">The cell is none.</exception>
    public DateTimeOffset Instant(CsvRows rows, CsvRow row, string field)
    {
        var text = Text(rows, row, field);
        var source = _sources[field];
        if (source.FirstDay is not { } first)
        {
            return source.Format is { } format
                ? InputText.Instant(text, format, source.Offset, field)
                : InputText.Instant(text, field);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day < 100_000
            ? new DateTimeOffset(first.AddDays(day - source.FirstDayNumber), TimeOnly.MinValue, source.Offset)
            : throw new InputRefusedException(field, "monitoring.bad_instant", "This is no number of a day.");
    }

    private static string Joined(CsvRows rows, CsvRow row, FieldSource source)
    {
        if (source.Columns.Count == 1)
        {
            return rows.Cell(row, source.Columns[0]);
        }

        var cells = source.Columns.Select(column => rows.Cell(row, column)).ToList();
        return cells.TrueForAll(cell => cell.Length == 0) ? "" : string.Join(source.Join, cells);
    }

    private static TableMapping Of(string path, JsonObject json)
    {
        var sources = new Dictionary<string, FieldSource>(StringComparer.Ordinal);
        foreach (var (field, value) in json)
        {
            if (!Fields.Contains(field))
            {
                throw Fault(path, field, "there is no such field");
            }

            sources[field] = value switch
            {
                JsonValue text when text.TryGetValue<string>(out var column) => new FieldSource { Columns = [column] },
                JsonObject members => Source(path, field, members),
                _ => throw Fault(path, field, "a column name or an object belongs here"),
            };
        }

        foreach (var field in Fields)
        {
            sources.TryAdd(field, new FieldSource { Columns = [field] });
        }

        return new TableMapping(sources);
    }

    private static FieldSource Source(string path, string field, JsonObject members)
    {
        var source = new FieldSource();
        foreach (var (name, value) in members)
        {
            source = (name, value) switch
            {
                ("column", JsonValue) => source with { Columns = [Text(path, field, value)] },
                ("columns", JsonArray columns) =>
                    source with { Columns = [.. columns.Select(column => Text(path, field, column))] },
                ("join", _) => source with { Join = Text(path, field, value) },
                ("value", _) => source with { Value = Text(path, field, value) },
                ("line", _) => source with { IsLine = value?.GetValueKind() == JsonValueKind.True },
                ("round", _) => source with { IsRounded = value?.GetValueKind() == JsonValueKind.True },
                ("words", JsonObject words) => source with { Words = words.ToDictionary(
                    word => word.Key, word => Text(path, field, word.Value), StringComparer.Ordinal) },
                ("format", _) => source with { Format = Text(path, field, value) },
                ("offset", _) => source with { Offset = Offset(path, field, Text(path, field, value)) },
                ("first_day", _) => source with { FirstDay = FirstDay(path, field, Text(path, field, value)) },
                ("first_day_number", JsonValue number) when number.TryGetValue<int>(out var first) =>
                    source with { FirstDayNumber = first },
                _ => throw Fault(path, field, $"\"{name}\" is no member, or not of the right kind"),
            };
        }

        return source is { Columns.Count: 0, Value: null, IsLine: false }
            ? throw Fault(path, field, "neither \"column\", \"columns\", \"value\" nor \"line\" is given")
            : source;
    }

    private static TimeSpan Offset(string path, string field, string text) =>
        DateTimeOffset.TryParseExact("2000-01-01T00:00:00" + text, "yyyy-MM-dd'T'HH:mm:sszzz",
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? instant.Offset
            : throw Fault(path, field, "the offset is not of the form +01:00");

    private static DateOnly FirstDay(string path, string field, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw Fault(path, field, "the first day is not of the form 2025-01-01");

    private static string Text(string path, string field, JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var written)
            ? written
            : throw Fault(path, field, "a text belongs here");

    private static ExpectedFaultException Fault(string path, string field, string problem) =>
        new($"{path} at /{field}: {problem}.", "See docs/reference/monitoring.md for mapping files.");
}

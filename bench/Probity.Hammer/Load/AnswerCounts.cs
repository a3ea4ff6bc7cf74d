using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>How many answers of each status came, and which errors. Thread safe.</summary>
internal sealed class AnswerCounts
{
    private const int MaxKinds = 100;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private long _created;

    public long Errors
    {
        get
        {
            lock (_lock)
            {
                return _errors.Values.Sum();
            }
        }
    }

    public long Created => Interlocked.Read(ref _created);

    public void AddCreated(long count = 1) => Interlocked.Add(ref _created, count);

    /// <summary>Counts an answer that is not a success, by status and problem code.</summary>
    public void AddError(RawAnswer answer) =>
        AddError(string.Create(CultureInfo.InvariantCulture, $"{answer.Status} {ProblemCode(answer.Body.Span)}").Trim());

    public void AddError(Exception broken) => AddError(
        broken is SocketException socket ? "connection " + socket.SocketErrorCode : broken.GetType().Name);

    public void AddError(string kind, long count = 1)
    {
        lock (_lock)
        {
            // A server gone mad must not fill the memory of the one who watches it.
            var name = _errors.ContainsKey(kind) || _errors.Count < MaxKinds ? kind : "other";
            _errors[name] = _errors.GetValueOrDefault(name) + count;
        }
    }

    public JsonObject ErrorsToJson()
    {
        lock (_lock)
        {
            return new JsonObject(_errors.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }
    }

    private static string ProblemCode(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1
                    && reader.ValueTextEquals("code"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    return reader.GetString() ?? "";
                }
            }
        }
        catch (JsonException)
        {
            // Not a problem document; the status alone is counted.
        }

        return "";
    }
}

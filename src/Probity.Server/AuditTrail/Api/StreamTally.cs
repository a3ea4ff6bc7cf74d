using System.Text.Json.Nodes;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// Tells what a stream has delivered, since its opening tells only that someone looks on: an entry for each thousand
/// events, before the next one goes out, and one at the end. One stream each; not thread safe.
/// </summary>
internal sealed class StreamTally(ReadRecorder reads, HttpContext http, string type)
{
    /// <summary>After so many events they are told.</summary>
    public const int Most = 1_000;

    /// <summary>Fewer than this at the end are told by the opening, which counts as one.</summary>
    public const int Fewest = 10;

    private readonly HashSet<string> _subjects = new(StringComparer.Ordinal);
    private long _first;
    private long _last;
    private int _count;

    /// <summary>Takes an event that was sent; what tells of streams is not counted: they would feed on it.</summary>
    public void Add(StoredEntry entry, JsonNode view)
    {
        if (view["type"]?.GetValue<string>() == type)
        {
            return;
        }

        _first = _count++ == 0 ? entry.Seq : _first;
        _last = entry.Seq;
        _subjects.UnionWith(ReadRecorder.SubjectsOf(view));
    }

    /// <summary>Records what was sent once it is a thousand; the stream waits for it.</summary>
    public ValueTask TellIfManyAsync() => _count < Most ? default : new ValueTask(TellAsync());

    /// <summary>Records the rest when the stream ends, however it ends.</summary>
    public ValueTask TellRestAsync() => _count < Fewest ? default : new ValueTask(TellAsync());

    private async Task TellAsync()
    {
        var data = new Dictionary<string, object?>
        {
            ["from_sequence"] = _first,
            ["to_sequence"] = _last,
            ["count"] = _count,
        };
        // The client may be gone, but it has seen them.
        await reads.RecordAsync(http, type, "events.stream.delivered", data, _subjects, CancellationToken.None);
        _count = 0;
        _subjects.Clear();
    }
}

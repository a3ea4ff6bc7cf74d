using System.Text.Json.Nodes;

namespace Probity.Hammer.Checking;

/// <summary>How many checks were made and which failed; the first failures are kept in words. Not thread safe.</summary>
internal sealed class CheckTally
{
    private const int MaxWords = 20;
    private readonly List<string> _words = [];

    /// <summary>The first failures.</summary>
    public IReadOnlyList<string> Words => _words;

    public long Checked { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Counts a check; null means that it held.</summary>
    public void Add(string? failure)
    {
        Checked++;
        if (failure is null)
        {
            return;
        }

        Failed++;
        if (_words.Count < MaxWords)
        {
            _words.Add(failure);
        }
    }

    public JsonObject ToJson() => new()
    {
        ["checked"] = Checked,
        ["failed"] = Failed,
        ["failures"] = new JsonArray([.. _words.Select(word => (JsonNode)word)]),
    };
}

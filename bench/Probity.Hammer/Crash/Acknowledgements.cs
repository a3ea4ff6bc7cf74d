using System.Globalization;
using Probity.Hammer.Checking;
using Probity.Hammer.Load;

namespace Probity.Hammer.Crash;

/// <summary>An event that the server acknowledged, with what makes it findable.</summary>
internal readonly record struct Acknowledged(int Writer, long Number, Receipt Receipt)
{
    public string ExternalId => EventTemplate.ExternalId(Writer, Number);
}

/// <summary>
/// Everything that the server acknowledged, in memory for the checks and in a journal for whoever examines a failed
/// run. Thread safe.
/// </summary>
internal sealed class Acknowledgements(string journal) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Acknowledged> _all = [];
    private readonly StreamWriter _journal = new(journal, append: false);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    public void Add(Acknowledged acknowledged)
    {
        var receipt = acknowledged.Receipt;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{acknowledged.ExternalId} {receipt.Seq} {receipt.Hash} {receipt.Id}");
        lock (_lock)
        {
            // The checkpoint is dropped: a thousand bytes a receipt would fill the memory of a long run.
            _all.Add(acknowledged with { Receipt = receipt with { Checkpoint = null } });
            _journal.WriteLine(line);
        }
    }

    /// <summary>Those from a place on, oldest first; call between rounds.</summary>
    public IReadOnlyList<Acknowledged> From(int first)
    {
        lock (_lock)
        {
            _journal.Flush();
            return _all[first..];
        }
    }

    public void Dispose() => _journal.Dispose();
}

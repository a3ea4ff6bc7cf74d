using Probity.Server.AuditTrail.Append;

namespace Probity.Server.AuditTrail.Api;

/// <summary>One line of an ingest: prepared, refused, or committed.</summary>
internal sealed class LineOutcome
{
    public PreparedEntry? Entry { get; private init; }

    /// <summary>The line's number in the body, from 1.</summary>
    public long Line { get; private init; }

    public EntryPlace? Place { get; set; }

    public string? Code { get; private set; }

    public string Pointer { get; private set; } = "";

    public string Detail { get; private set; } = "";

    public static LineOutcome Prepared(long line, PreparedEntry entry) => new() { Line = line, Entry = entry };

    public static LineOutcome Refused(long line, string code, string pointer, string detail)
    {
        var outcome = new LineOutcome { Line = line };
        outcome.Refuse(code, pointer, detail);
        return outcome;
    }

    public void Refuse(string code, string pointer, string detail) => (Code, Pointer, Detail) = (code, pointer, detail);
}

/// <summary>Lines that are committed together. A line that clashes is taken out and the others are sent again.</summary>
internal sealed class IngestBatch
{
    private readonly List<LineOutcome> _lines = [];
    private Func<AppendRequest, Task<Task<AppendResult>>>? _append;
    private Task<AppendResult>? _result;

    public int Count => _lines.Count;

    public bool IsDone => _result is null || _result.IsCompleted;

    public IReadOnlyList<LineOutcome> Lines => _lines;

    public void Add(LineOutcome line) => _lines.Add(line);

    public async Task SendAsync(Func<AppendRequest, Task<Task<AppendResult>>> append)
    {
        _append = append;
        var entries = Sendable().ConvertAll(line => line.Entry!); // Sendable lines have one.
        try
        {
            _result = entries.Count == 0 ? null : await append(new AppendRequest(entries));
        }
        catch (LedgerUnavailableException unavailable)
        {
            _result = Task.FromException<AppendResult>(unavailable);
        }
    }

    /// <summary>Waits for the commit and gives every line its outcome.</summary>
    public async Task<IngestBatch> CompleteAsync()
    {
        while (_result is not null)
        {
            var sent = Sendable();
            try
            {
                var result = await _result;
                if (result is AppendResult.Committed committed)
                {
                    for (var i = 0; i < sent.Count; i++)
                    {
                        sent[i].Place = committed.Places[i];
                    }

                    break;
                }

                var reused = (AppendResult.ExternalIdReused)result;
                var refused = AppendEndpoints.ReusedId(reused);
                sent[reused.Index].Refuse(refused.Code, refused.Pointer, refused.Message);
                await SendAsync(_append!); // Set by the first SendAsync, which made _result.
            }
            catch (LedgerUnavailableException unavailable)
            {
                sent.ForEach(line => line.Refuse(unavailable.Code, "", unavailable.Message));
                break;
            }
        }

        return this;
    }

    private List<LineOutcome> Sendable() => _lines.FindAll(line => line.Entry is not null && line.Code is null);
}

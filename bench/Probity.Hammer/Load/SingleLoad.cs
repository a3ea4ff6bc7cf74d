using System.Diagnostics;
using System.Net.Sockets;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>One request in flight per connection.</summary>
internal sealed class SingleLoad
{
    private const int MaxBrokenInARow = 50;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly LoadContext _context;
    private readonly IRequests _requests;

    public SingleLoad(LoadContext context, IRequests requests)
    {
        (_context, _requests) = (context, requests);
        Sample = context.NewSample();
    }

    public LatencyHistogram Latencies { get; } = new();

    public ReceiptSample Sample { get; }

    /// <summary>Sends the next as soon as the last is answered, until the deadline.</summary>
    public async Task RunClosedAsync(long deadline, CancellationToken cancellationToken)
    {
        using var connection = new RawConnection(_context.Target);
        var broken = 0;
        for (var now = Stopwatch.GetTimestamp(); now < deadline; now = Stopwatch.GetTimestamp())
        {
            broken = await SendAsync(connection, now, cancellationToken) ? 0 : await PauseAsync(broken, cancellationToken);
        }
    }

    /// <summary>Sends when it is due; a request that waits for a free connection waits on the clock.</summary>
    public async Task RunPacedAsync(Pacer pacer, CancellationToken cancellationToken)
    {
        using var connection = new RawConnection(_context.Target);
        while (await pacer.NextAsync(cancellationToken) is { } due)
        {
            await SendAsync(connection, due, cancellationToken);
        }
    }

    /// <returns>False when the server refused or the connection broke.</returns>
    private async ValueTask<bool> SendAsync(RawConnection connection, long start, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.SendAsync(_requests.Next(), cancellationToken);
            if (answer.Status != _requests.Status)
            {
                _context.Answers.AddError(answer);
                return false;
            }

            Latencies.Record(start, Stopwatch.GetTimestamp());
            _context.Answers.AddCreated();
            if (_requests.HasReceipts)
            {
                Sample.Offer(answer.Body.Span);
            }

            return true;
        }
        catch (SocketException broken)
        {
            _context.Answers.AddError(broken);
            return false;
        }
    }

    private static async Task<int> PauseAsync(int brokenBefore, CancellationToken cancellationToken)
    {
        if (brokenBefore >= MaxBrokenInARow)
        {
            throw new HammerException($"The server refused {MaxBrokenInARow} requests of one connection in a row.");
        }

        await Task.Delay(s_pause, cancellationToken);
        return brokenBefore + 1;
    }
}

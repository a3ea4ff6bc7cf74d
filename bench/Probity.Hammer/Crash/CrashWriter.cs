using System.Net.Sockets;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;
using Probity.Hammer.Load;
using Probity.Ledger.Notes;

namespace Probity.Hammer.Crash;

/// <summary>
/// Sends numbered events one after the other. An event whose answer never came is sent again, with the same bytes and
/// the same external id, until it is acknowledged: the log must then hold it once.
/// </summary>
internal sealed class CrashWriter
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private readonly LoopbackTarget _target;
    private readonly int _writer;
    private readonly Acknowledgements _acknowledgements;
    private readonly AnswerCounts _interruptions;
    private readonly EventTemplate _template;
    private readonly byte[] _request;
    private readonly int _bodyAt;
    private long _next;
    private Receipt? _last;

    public CrashWriter(
        LoopbackTarget target, string key, int writer, Acknowledgements acknowledgements, AnswerCounts interruptions)
    {
        (_target, _writer, _acknowledgements, _interruptions) = (target, writer, acknowledgements, interruptions);
        _template = new EventTemplate("crash000", writer, withExternalId: true);
        var body = new byte[EventTemplate.EventBytes];
        _template.Write(0, body);
        _request = RequestBytes.Post(target, "/api/v1/events", key, body);
        _bodyAt = _request.Length - body.Length;
    }

    /// <summary>Failures that no crash excuses.</summary>
    public CheckTally Wrong { get; } = new();

    /// <summary>The checkpoint of the newest receipt, which later trees must extend.</summary>
    public string? Checkpoint => _last?.Checkpoint;

    /// <summary>Events acknowledged as already recorded: their first answer was lost in a crash.</summary>
    public long Repeated { get; private set; }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var connection = new RawConnection(_target);
        try
        {
            await SendLastAgainAsync(connection, cancellationToken);
            while (!cancellationToken.IsCancellationRequested)
            {
                if (await SendAsync(connection, _next, cancellationToken) is { } receipt)
                {
                    _acknowledgements.Add(new Acknowledged(_writer, _next, receipt));
                    _last = receipt;
                    _next++;
                }
                else
                {
                    await Task.Delay(s_pause, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the round. A request that was under way is sent again in the next.
        }
    }

    /// <summary>An acknowledged event that is sent again must be answered with its first receipt.</summary>
    private async Task SendLastAgainAsync(RawConnection connection, CancellationToken cancellationToken)
    {
        if (_last is not { } first)
        {
            return;
        }

        Receipt? again;
        while ((again = await SendAsync(connection, _next - 1, cancellationToken)) is null)
        {
            await Task.Delay(s_pause, cancellationToken);
        }

        Repeated--; // This one was meant to be.
        Wrong.Add(again.Id == first.Id && again.Seq == first.Seq && again.Hash == first.Hash
            ? null
            : $"writer {_writer}: {first.Id} sent again was recorded again as {again.Id}.");
    }

    /// <returns>The receipt, or null when the server could not take the event now.</returns>
    private async Task<Receipt?> SendAsync(RawConnection connection, long number, CancellationToken cancellationToken)
    {
        _template.WriteNumber(number, _request.AsSpan(_bodyAt));
        try
        {
            var answer = await connection.SendAsync(_request, cancellationToken);
            if (answer.IsSuccess)
            {
                Repeated += answer.Status == 200 ? 1 : 0;
                return Receipt.Parse(answer.Body);
            }

            _interruptions.AddError(answer);
            if (answer.Status < 500)
            {
                Wrong.Add($"writer {_writer}: event {number} was refused: {answer.Text}");
            }
        }
        catch (Exception broken) when (broken is SocketException or HammerException or NoteFormatException)
        {
            _interruptions.AddError(broken);
        }

        return null;
    }
}

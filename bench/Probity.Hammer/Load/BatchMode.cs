using System.Diagnostics;
using System.Net.Sockets;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>Atomic batches over a few connections.</summary>
internal static class BatchMode
{
    private const int DefaultConnections = 8;

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var context = new LoadContext(options, DefaultConnections);
        var size = options.Number("size", 100, 1_000);
        var loads = Enumerable.Range(0, context.Connections).Select(i => new BatchLoad(context, i, size)).ToArray();
        var deadline = Stopwatch.GetTimestamp() + (long)(context.Duration().TotalSeconds * Stopwatch.Frequency);
        var took = await context.WithProgressAsync(
            () => Task.WhenAll(loads.Select(load => load.RunAsync(deadline, cancellationToken))));

        var latencies = new LatencyHistogram();
        foreach (var load in loads)
        {
            latencies.Add(load.Latencies);
        }

        var report = context.Summarise(took, latencies).With("batch_size", size);
        await context.CheckAsync(report, [.. loads.SelectMany(load => load.Receipts)], cancellationToken);
        return report;
    }

    /// <summary>One connection's batches. Every answer is read in full: a batch must have a receipt for each event.</summary>
    private sealed class BatchLoad
    {
        private readonly LoadContext _context;
        private readonly EventTemplate _template;
        private readonly ReceiptSample _sample;
        private readonly int _size;
        private readonly byte[] _request;
        private readonly int _firstAt;
        private long _number;

        public BatchLoad(LoadContext context, int connection, int size)
        {
            _context = context;
            _size = size;
            _template = new EventTemplate(context.Run, connection, context.Options.Flag("external-id"));
            _sample = context.NewSample();
            var body = Body(size);
            _request = RequestBytes.Post(context.Target, "/api/v1/events:batchCreate", context.Key, body);
            _firstAt = _request.Length - body.Length + "{\"events\":[".Length;
        }

        public LatencyHistogram Latencies { get; } = new();

        public IEnumerable<Receipt> Receipts => _sample.Answers.SelectMany(json => Spread(Receipt.ParseBatch(json)));

        public async Task RunAsync(long deadline, CancellationToken cancellationToken)
        {
            using var connection = new RawConnection(_context.Target);
            for (var now = Stopwatch.GetTimestamp(); now < deadline; now = Stopwatch.GetTimestamp())
            {
                for (var i = 0; i < _size; i++)
                {
                    _template.WriteNumber(_number++, _request.AsSpan(_firstAt + (i * (EventTemplate.EventBytes + 1))));
                }

                if (!await SendAsync(connection, now, cancellationToken))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
                }
            }
        }

        private async Task<bool> SendAsync(RawConnection connection, long start, CancellationToken cancellationToken)
        {
            try
            {
                var answer = await connection.SendAsync(_request, cancellationToken);
                if (answer.Status != 201)
                {
                    _context.Answers.AddError(answer);
                    return false;
                }

                Latencies.Record(start, Stopwatch.GetTimestamp());
                CountReceipts(answer);
                return true;
            }
            catch (SocketException broken)
            {
                _context.Answers.AddError(broken);
                return false;
            }
        }

        private void CountReceipts(RawAnswer answer)
        {
            var receipts = answer.Body.Span.Count("\"hash\":"u8);
            _context.Answers.AddCreated(receipts);
            if (receipts != _size)
            {
                _context.Answers.AddError("batch answer with another number of receipts");
            }

            _sample.Offer(answer.Body.Span);
        }

        /// <summary>First, middle and last of a batch: the ends are where a batch goes wrong.</summary>
        private static IEnumerable<Receipt> Spread(IReadOnlyList<Receipt> receipts) =>
            new[] { 0, receipts.Count / 2, receipts.Count - 1 }.Distinct().Select(i => receipts[i]);

        private byte[] Body(int size)
        {
            var body = new List<byte>();
            var item = new byte[EventTemplate.EventBytes];
            _template.Write(0, item);
            body.AddRange("{\"events\":["u8);
            for (var i = 0; i < size; i++)
            {
                body.AddRange(i == 0 ? ""u8 : ","u8);
                body.AddRange(item);
            }

            body.AddRange("]}"u8);
            return [.. body];
        }
    }
}

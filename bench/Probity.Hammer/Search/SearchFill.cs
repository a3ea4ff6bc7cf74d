using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Probity.Hammer.Load;

namespace Probity.Hammer.Search;

/// <summary>Sends the events of <see cref="SearchEvents"/> as NDJSON, some requests at a time.</summary>
internal sealed class SearchFill(HttpClient client, LoadContext context)
{
    private const int LinesPerRequest = 50_000;
    private static readonly byte[] s_end = "\n"u8.ToArray();
    private readonly DateTimeOffset _until = TimeProvider.System.GetUtcNow();
    private int _next;

    /// <summary>Sends the events from 0 up to <paramref name="lines"/>.</summary>
    /// <exception cref="HammerException">The server does not take them all.</exception>
    public Task RunAsync(int lines, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, context.Connections).Select(_ => Task.Run(() => SendAsync(lines, cancellationToken))));

    private async Task SendAsync(int lines, CancellationToken cancellationToken)
    {
        for (int first; (first = Interlocked.Add(ref _next, LinesPerRequest) - LinesPerRequest) < lines;)
        {
            var count = Math.Min(LinesPerRequest, lines - first);
            using var body = new NdjsonBody(first, count, context.Run, _until);
            using var answer = await client.PostAsync("/api/v1/events:ingest", body, cancellationToken);
            var last = (await answer.Content.ReadAsStringAsync(cancellationToken)).TrimEnd().Split('\n')[^1];
            if (answer.StatusCode != HttpStatusCode.OK || !last.Contains(Accepted(count), StringComparison.Ordinal))
            {
                throw new HammerException($"{count} lines were sent; the answer is {(int)answer.StatusCode} {last}");
            }

            context.Answers.AddCreated(count);
        }
    }

    private static string Accepted(int count) => string.Create(CultureInfo.InvariantCulture, $"\"accepted\":{count}");

    private sealed class NdjsonBody : HttpContent
    {
        private readonly int _first;
        private readonly int _count;
        private readonly string _run;
        private readonly DateTimeOffset _until;

        public NdjsonBody(int first, int count, string run, DateTimeOffset until)
        {
            (_first, _count, _run, _until) = (first, count, run, until);
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = _first; i < _first + _count; i++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(SearchEvents.Make(i, _run, _until)));
                await stream.WriteAsync(s_end);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

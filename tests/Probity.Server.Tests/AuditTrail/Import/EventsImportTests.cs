using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class EventsImportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new(CultureInfo.InvariantCulture);
    private readonly StringWriter error = new(CultureInfo.InvariantCulture);
    private readonly MemorySink sink = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task All_accepted_is_exit_0_and_counted_per_file()
    {
        folder.Write("a.jsonl", Lines(0, 3));
        folder.Write("b.json", $"[{Event(7)},{Event(1)}]");

        var code = await RunAsync();

        Assert.Equal(0, code);
        Assert.Contains("       3          0        0  cloudtrail", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("       1          1        0  cloudtrail", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("4 accepted, 1 duplicate, 0 refused", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_hold_five_hundred_events_across_files()
    {
        folder.Write("a.jsonl", Lines(0, 700));
        folder.Write("b.jsonl", Lines(700, 400));

        await RunAsync();

        Assert.Equal([500, 500, 100], sink.BatchSizes);
    }

    [Fact]
    public async Task Large_events_make_smaller_batches()
    {
        var large = ImportSamples.CloudTrail[..^1] + $",\"note\":\"{new string('x', 200_000)}\"}}";
        var lines = Enumerable.Range(0, 60).Select(n => large.Replace("e-1", $"e-{n}", StringComparison.Ordinal));
        folder.Write("a.jsonl", string.Join('\n', lines));

        await RunAsync();

        Assert.Equal(60, sink.BatchSizes.Sum());
        Assert.True(sink.BatchSizes.Count > 1);
    }

    [Fact]
    public async Task Refused_events_are_exit_2_with_their_lines()
    {
        folder.Write("a.jsonl", $"{Event(1)}\n{{broken\n{Event(2)}\n");

        var code = await RunAsync();

        Assert.Equal(2, code);
        Assert.Contains("line 2: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("[import.syntax]", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 accepted, 0 duplicate, 1 refused", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_refused_lines_are_listed_and_all_are_counted()
    {
        folder.Write("a.jsonl", Event(1) + "\n" + string.Concat(Enumerable.Repeat("{broken\n", 25)));

        await RunAsync();

        Assert.Contains("line 11: ", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("line 12: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("... and 15 more refused", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_archive_is_refused_where_it_ends_and_the_next_file_goes_on()
    {
        var gzip = ImportPlanTests.Gzip(Encoding.UTF8.GetBytes(Lines(0, 5000)));
        gzip.AsSpan(gzip.Length / 2, 200).Clear();
        folder.Write("a.jsonl.gz", gzip);
        folder.Write("b.jsonl", Lines(5000, 3));

        var code = await RunAsync();

        Assert.Equal(2, code);
        Assert.Contains("import.", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("       3          0        0  cloudtrail", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_finishes_its_batch_and_a_repeated_one_sends_the_rest()
    {
        folder.Write("a.jsonl", Lines(0, 3000));
        using var stop = new CancellationTokenSource();
        sink.BeforeBatch = number =>
        {
            if (number == 2)
            {
                stop.Cancel();
            }
        };

        var first = await RunAsync(stop.Token);
        var taken = sink.Known.Count;
        var second = await RunAsync();

        Assert.Equal((2, 0), (first, second));
        Assert.Equal(1000, taken);
        Assert.Contains("1000 accepted, 0 duplicate", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("run the same command again", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("2000 accepted, 1000 duplicate", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sink_that_gives_up_stops_the_run_with_what_is_known()
    {
        folder.Write("a.jsonl", Lines(0, 1500));
        sink.BeforeBatch = number =>
        {
            if (number == 2)
            {
                throw new ImportSinkException("import.server_away", "The server is away.");
            }
        };

        var code = await RunAsync();

        Assert.Equal(2, code);
        Assert.Contains("500 accepted", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("The server is away. [import.server_away]", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_formats_and_missing_paths_are_usage_errors()
    {
        var format = await new EventsImport(TimeProvider.System).RunAsync(
            new EventsImportOptions { Paths = [folder.Path], Format = "csv" }, output, error, sink, TestContext.Current.CancellationToken);
        var missing = await new EventsImport(TimeProvider.System).RunAsync(
            new EventsImportOptions { Paths = ["/no/such"] }, output, error, sink, TestContext.Current.CancellationToken);

        Assert.Equal((2, 2), (format, missing));
        Assert.Contains("Known: auto, cloudtrail,", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing found: '/no/such'", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(sink.BatchSizes);
    }

    [Fact]
    public async Task The_json_summary_has_the_same_counts()
    {
        folder.Write("a.jsonl", $"{Event(1)}\n{{broken\n");

        await new EventsImport(TimeProvider.System).RunAsync(
            new EventsImportOptions { Paths = [folder.Path], Json = true }, output, error, sink, TestContext.Current.CancellationToken);

        using var summary = JsonDocument.Parse(output.ToString());
        Assert.Equal("1", summary.RootElement.Value("accepted"));
        Assert.Equal("2", summary.RootElement.Value("files/0/refused_events/0/line"));
        Assert.Equal("import.syntax", summary.RootElement.Value("files/0/refused_events/0/code"));
    }

    [Fact]
    public async Task Progress_goes_to_the_error_stream_and_ends_with_everything_read()
    {
        folder.Write("a.jsonl", Lines(0, 10));
        var seen = new List<ImportProgress>();
        var plan = await ImportPlan.MakeAsync([folder.Path], null, TestContext.Current.CancellationToken);

        await new ImportRun(plan, sink, TimeProvider.System, new Listing(seen)).RunAsync(TestContext.Current.CancellationToken);

        var last = seen[^1];
        Assert.Equal((1, 1, 10L), (last.FilesDone, last.Files, last.Events));
        Assert.Equal(last.Bytes, last.BytesRead);
    }

    private static string Event(int number)
        => ImportSamples.CloudTrail.Replace("\"e-1\"", $"\"e-{number}\"", StringComparison.Ordinal);

    private static string Lines(int first, int count)
        => string.Concat(Enumerable.Range(first, count).Select(number => Event(number) + "\n"));

    private Task<int> RunAsync(CancellationToken? cancellationToken = null)
        => new EventsImport(TimeProvider.System).RunAsync(
            new EventsImportOptions { Paths = [folder.Path] },
            output,
            error,
            sink,
            cancellationToken ?? TestContext.Current.CancellationToken);

    private sealed class Listing(List<ImportProgress> seen) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => seen.Add(value);
    }
}

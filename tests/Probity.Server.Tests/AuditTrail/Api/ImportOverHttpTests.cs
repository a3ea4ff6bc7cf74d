using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class ImportOverHttpTests(RunningServer server)
{
    private const string Folder = "audit-events";

    [Fact]
    public async Task All_real_events_go_in_once_and_keep_their_exact_text()
    {
        TestData.SkipUnlessPresent(Folder);
        using var http = new HttpClient();
        var remote = new HttpImportSink(http, server.Url, server.Key, TimeProvider.System);
        var local = ActivatorUtilities.CreateInstance<LocalImportSink>(server.Services);
        var before = await server.SizeAsync();

        await IsImportedAsync(remote, accepted: 1_254, duplicate: 0);
        Assert.Equal(before + 1_254, await server.SizeAsync());
        await IsImportedAsync(remote, accepted: 0, duplicate: 1_254);
        await IsImportedAsync(local, accepted: 0, duplicate: 1_254);
        Assert.Equal(before + 1_254, await server.SizeAsync());

        await KeepsTextAsync(before);
    }

    private static async Task IsImportedAsync(IImportSink sink, int accepted, int duplicate)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await new EventsImport(TimeProvider.System).RunAsync(
            new EventsImportOptions { Paths = [TestData.Path(Folder)], Json = true, Quiet = true },
            output,
            error,
            sink,
            TestContext.Current.CancellationToken);

        Assert.True(code == 0, error.ToString() + output);
        var summary = JsonNode.Parse(output.ToString())!;
        Assert.Equal(accepted, Number(summary, "accepted"));
        Assert.Equal(duplicate, Number(summary, "duplicate"));
    }

    private static int Number(JsonNode summary, string name) =>
        (summary[name] ?? summary[name + "s"])!.GetValue<int>();

    /// <summary>Every line of the JSON Lines files is the original of one event, byte for byte.</summary>
    private async Task KeepsTextAsync(long first)
    {
        var originals = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in await server.EntriesFromAsync(first))
        {
            var view = (await server.GetAsync($"/api/v1/events/{entry["id"]}")).Json;
            Assert.Null(view["protection"]!["unreadable"]);
            originals.Add(view["original"]!["text"]!.GetValue<string>());
        }

        var lines = Directory.GetFiles(TestData.Path(Folder), "*.jsonl", SearchOption.AllDirectories)
            .SelectMany(path => File.ReadAllText(path, Encoding.UTF8).Split('\n'))
            .Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0).ToList();
        Assert.True(lines.Count > 500);
        Assert.Empty(lines.Where(line => !originals.Contains(line)).Take(3));
        var arrays = Directory.GetFiles(TestData.Path(Folder + "/aws-cloudtrail"), "*.json")
            .SelectMany(path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray().Select(one => one.GetRawText()));
        Assert.Empty(arrays.Where(text => !originals.Contains(text)).Take(3));
    }
}

using System.Text;
using System.Text.Json;
using Probity.Server.AuditTrail.Import;
using Probity.Server.AuditTrail.Import.Formats;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

/// <summary>Reads texts and files with a format, and keeps what a test folder is made of.</summary>
internal static class ImportSamples
{
    public const string CloudTrail =
        """{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::123456789012:user/ada","accountId":"123456789012","userName":"ada"},"eventTime":"2024-08-02T08:23:24Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli","requestParameters":{"name":"main-trail"},"responseElements":null,"requestID":"r-1","eventID":"e-1","readOnly":false,"recipientAccountId":"123456789012"}""";

    public static IEventFormat Format(string name)
        => ImportFormats.ByName(name) ?? throw new ArgumentException($"no format {name}", nameof(name));

    public static Task<List<SourceEvent>> ReadAsync(string format, string text)
        => ReadAsync(format, Encoding.UTF8.GetBytes(text));

    public static async Task<List<SourceEvent>> ReadAsync(string format, byte[] bytes)
    {
        // One byte at a time when small: every boundary between two reads is then a boundary in the text.
        using Stream stream = bytes.Length < 20_000 ? new Trickle(bytes) : new MemoryStream(bytes);
        var events = new List<SourceEvent>();
        await foreach (var next in Format(format).ReadAsync(stream, TestContext.Current.CancellationToken))
        {
            events.Add(next);
        }

        return events;
    }

    public static async Task<JsonElement> ReadOneAsync(string format, string text)
        => Json(Assert.Single(await ReadAsync(format, text)));

    public static JsonElement Json(SourceEvent source)
    {
        Assert.Null(source.Refusal);
        using var document = JsonDocument.Parse(source.EventJson);
        return document.RootElement.Clone();
    }

    public static string OriginalText(this JsonElement wire)
        => wire.GetProperty("original").GetProperty("text").GetString() ?? "";

    /// <summary>Gets a text by a path such as <c>actor/id</c> or <c>targets/0/type</c>; null when it is not there.</summary>
    public static string? Value(this JsonElement element, string path)
    {
        foreach (var part in path.Split('/'))
        {
            if (int.TryParse(part, out var index) && element.ValueKind == JsonValueKind.Array)
            {
                if (index >= element.GetArrayLength())
                {
                    return null;
                }

                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element))
            {
                return null;
            }
        }

        return element.ToString();
    }

    /// <summary>A stream that gives one byte per read.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("probity-import-");

    public string Path => folder.FullName;

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? folder.FullName);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => folder.Delete(recursive: true);
}

/// <summary>A log in memory: refuses as duplicates what it has, by source and external id.</summary>
internal sealed class MemorySink : IImportSink
{
    public HashSet<(string?, string?)> Known { get; } = [];

    public List<int> BatchSizes { get; } = [];

    /// <summary>Gets or sets what happens before a batch is taken in.</summary>
    public Action<int> BeforeBatch { get; set; } = _ => { };

    public Task<IReadOnlyList<ImportOutcome>> SendAsync(
        IReadOnlyList<SourceEvent> batch, CancellationToken cancellationToken)
    {
        BatchSizes.Add(batch.Count);
        BeforeBatch(BatchSizes.Count);
        IReadOnlyList<ImportOutcome> outcomes = [.. batch.Select(Take)];
        return Task.FromResult(outcomes);
    }

    private ImportOutcome Take(SourceEvent source)
    {
        var wire = ImportSamples.Json(source);
        return Known.Add((wire.Value("source"), wire.Value("external_id")))
            ? ImportOutcome.Accepted("evt_new")
            : ImportOutcome.Duplicate("evt_old");
    }
}

using Microsoft.EntityFrameworkCore;
using Probity.Screening.Lists.Reading;
using Probity.Server.Access;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Lists;

/// <summary>What came of asking a publisher.</summary>
internal abstract record FeedAnswer
{
    /// <summary>Nothing new since the last time.</summary>
    public sealed record NotModified : FeedAnswer;

    /// <summary>The files.</summary>
    public sealed record Fetched(IReadOnlyList<ListFile> Files, string? ETag, string? LastModified) : FeedAnswer;

    /// <summary>No answer that can be used.</summary>
    public sealed record Failed(string Reason) : FeedAnswer;
}

/// <summary>
/// Asks publishers for lists: conditional requests (RFC 9110 §13), bounded bodies, the proxy of the environment
/// (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>). Keeps nothing itself.
/// </summary>
internal sealed class ListFetcher(HttpClient http)
{
    /// <summary>The largest file taken.</summary>
    public const long MaxFileBytes = 256L * 1024 * 1024;

    /// <summary>Asks for the files of a feed.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="etag">The tag of the last answer; used where the feed has one file.</param>
    /// <param name="lastModified">The day of the last answer, likewise.</param>
    public async Task<FeedAnswer> FetchAsync(
        ListFeed feed, string? etag, string? lastModified, CancellationToken cancellationToken)
    {
        var files = new List<ListFile>();
        var isSingle = feed.Urls.Count == 1;
        string? newTag = null;
        string? newDate = null;
        try
        {
            foreach (var url in feed.Urls)
            {
                using var request = Request(url, isSingle ? etag : null, isSingle ? lastModified : null);
                using var response = await http.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode == System.Net.HttpStatusCode.NotModified)
                {
                    return new FeedAnswer.NotModified();
                }

                if (!response.IsSuccessStatusCode)
                {
                    return new FeedAnswer.Failed($"{url.Host} answers {(int)response.StatusCode}.");
                }

                if (await BodyAsync(response, cancellationToken) is not { } body)
                {
                    return new FeedAnswer.Failed(
                        $"{url.Host} sends more than {MaxFileBytes} bytes, or fewer than it announced.");
                }

                files.Add(
                    ListFile.Of(Path.GetFileName(url.AbsolutePath) is { Length: > 0 } name ? name : "list", body));
                newTag = response.Headers.ETag?.ToString();
                newDate = response.Content.Headers.LastModified?.ToString(
                    "R", System.Globalization.CultureInfo.InvariantCulture);
            }

            return new FeedAnswer.Fetched(files, isSingle ? newTag : null, isSingle ? newDate : null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException
            || (fault is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new FeedAnswer.Failed(
                $"{feed.Urls[0].Host} does not answer ({(fault as HttpRequestException)?.HttpRequestError}).");
        }
    }

    private static HttpRequestMessage Request(Uri url, string? etag, string? lastModified)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.ParseAdd("probity");
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }

        if (lastModified is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Modified-Since", lastModified);
        }

        return request;
    }

    private static async Task<byte[]?> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > MaxFileBytes)
        {
            return null;
        }

        var buffer = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var chunk = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(chunk, cancellationToken)) != 0;)
        {
            await buffer.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            if (buffer.Length > MaxFileBytes)
            {
                return null;
            }
        }

        return buffer.ToArray();
    }
}

/// <summary>Looks for new versions: asks the feeds, empties the drop folder. One look is one call; the sweep repeats
/// it.</summary>
internal sealed class ListWatch(
    IDatabase database, ListDesk desk, ListFetcher fetcher, ListFeedOptions options, TimeProvider time)
{
    private readonly AccessEntry _entry = new(Caller.Server.ToActor(), null, time);

    /// <summary>Asks every feed once and takes what lies in the drop folder. A fault of one feed does not hold up
    /// others.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await DropAsync(cancellationToken);
        foreach (var feed in options.Feeds)
        {
            await FeedAsync(feed, cancellationToken);
        }
    }

    private async Task FeedAsync(ListFeed feed, CancellationToken cancellationToken)
    {
        ListFeedRow? known;
        await using (var db = database.CreateContext())
        {
            known = await db.Set<ListFeedRow>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.List == feed.List, cancellationToken);
        }

        switch (await fetcher.FetchAsync(feed, known?.ETag, known?.LastModified, cancellationToken))
        {
            case FeedAnswer.NotModified:
                await desk.CheckedAsync(feed.List, null, cancellationToken);
                break;
            case FeedAnswer.Failed failed:
                await desk.CheckedAsync(feed.List, failed.Reason, cancellationToken);
                break;
            case FeedAnswer.Fetched fetched:
                await TakeAsync(feed, fetched, cancellationToken);
                break;
            default:
                throw new InvalidOperationException("There is no other answer.");
        }
    }

    // The tag is kept only when the files were good: a refused file is asked for again.
    private async Task TakeAsync(ListFeed feed, FeedAnswer.Fetched fetched, CancellationToken cancellationToken)
    {
        var outcomes = await desk.LoadAsync(fetched.Files, [], _entry, cancellationToken);
        var fault = outcomes.Count == 0 ? "The files hold no list."
            : outcomes.FirstOrDefault(item => item.List is not null && item.List != feed.List) is { } other
                ? $"The address of {feed.List} delivers {other.List}."
            : outcomes.SelectMany(item => item.Findings).FirstOrDefault(finding => !finding.IsAccepted)?.Text;
        await desk.CheckedAsync(feed.List, fault, cancellationToken);
        if (fault is null)
        {
            await KeepTagAsync(feed.List, fetched, cancellationToken);
            await ActivateAsync(outcomes, cancellationToken);
        }
    }

    private Task KeepTagAsync(string list, FeedAnswer.Fetched fetched, CancellationToken cancellationToken) =>
        database.SaveAsync(
            async (db, token) =>
            {
                var row = await db.Set<ListFeedRow>().SingleAsync(item => item.List == list, token);
                (row.ETag, row.LastModified) = (fetched.ETag, fetched.LastModified);
            },
            cancellationToken);

    private async Task ActivateAsync(
        IReadOnlyList<Contracts.Screening.ListLoadOutcome> outcomes, CancellationToken cancellationToken)
    {
        foreach (var version in outcomes.Select(item => item.Version).Where(version => version is { IsActive: false }))
        {
            if (options.ActivatesByItself && version is not null)
            {
                await desk.ActivateAsync(
                    version.List, version.Id, "fetched, and the guard found nothing", _entry, cancellationToken);
            }
        }
    }

    // Air-gapped: somebody puts a folder (or a file) for each delivery into the drop folder, complete, then renames it
    // to end with ".ready"; what was taken is renamed to ".taken" or ".refused".
    private async Task DropAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.DropFolder))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(options.DropFolder, "*.ready")
            .Order(StringComparer.Ordinal))
        {
            var outcomes = await desk.LoadAsync(ListFolders.Files([path]), [], _entry, cancellationToken);
            await ActivateAsync(outcomes, cancellationToken);
            var isTaken = outcomes.Any(item => item.Outcome != "refused");
            Rename(path, isTaken ? ".taken" : ".refused");
        }
    }

    private void Rename(string path, string ending)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss", System.Globalization.CultureInfo.InvariantCulture);
        var target = path[..^".ready".Length] + "-" + stamp + ending;
        if (Directory.Exists(path))
        {
            Directory.Move(path, target);
        }
        else
        {
            File.Move(path, target);
        }
    }
}

/// <summary>What is watched for new versions.</summary>
internal sealed record ListFeedOptions
{
    /// <summary>The feeds; empty for none.</summary>
    public IReadOnlyList<ListFeed> Feeds { get; init; } = [];

    /// <summary>The folder into which files are dropped by hand.</summary>
    public required string DropFolder { get; init; }

    /// <summary>How often to look.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Whether a version without findings goes live at once. A bank that wants to look first says
    /// no.</summary>
    public bool ActivatesByItself { get; init; } = true;
}

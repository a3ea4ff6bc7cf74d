using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Screening.Lists.Reading;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Screening.Lists;

/// <summary>
/// <c>probity lists</c>: through a server when one is named or holds the data folder, else in the folder itself.
/// </summary>
internal static class ListsBody
{
    private const int ShownChanges = 1000;

    public static async Task<int> RunAsync(
        ListsRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        try
        {
            if (remote is not null)
            {
                using var http = new HttpClient { BaseAddress = remote.Url, Timeout = TimeSpan.FromMinutes(10) };
                http.DefaultRequestHeaders.Authorization = new("Bearer", remote.Key);
                return await RunAsync(request, new RemoteLists(http), context, cancellationToken);
            }

            await using var ledger = await LocalLedger.OpenAsync(
                context, cancellationToken, services => services.AddScreening(context.Settings).AddMetrics());
            return await RunAsync(
                request, ActivatorUtilities.CreateInstance<LocalLists>(ledger.Services), context, cancellationToken);
        }
        catch (ProblemException refused)
        {
            throw new ExpectedFaultException(refused.Detail ?? refused.Code.Title, refused.Code.Remedy, cause: refused);
        }
    }

    private static async Task<int> RunAsync(
        ListsRequest request, ILists lists, VerbContext context, CancellationToken cancellationToken)
    {
        switch (request)
        {
            case ListsRequest.Load load:
                return await LoadAsync(load, lists, context, cancellationToken);
            case ListsRequest.Status:
                Write(context, await lists.StatusAsync(cancellationToken), ListsText.Status);
                return ExitCode.Done;
            case ListsRequest.Diff diff:
                Write(context, await lists.DiffAsync(diff.List, diff.From, diff.To, ShownChanges, cancellationToken),
                    ListsText.Diff);
                return ExitCode.Done;
            default:
                throw new InvalidOperationException("There is no other request.");
        }
    }

    // Files in a folder that are no lists (a README) are told and do no harm; a file named must be one.
    private static async Task<int> LoadAsync(
        ListsRequest.Load load, ILists lists, VerbContext context, CancellationToken cancellationToken)
    {
        var files = ListFolders.Files(load.Paths);
        var loaded = await lists.LoadAsync(files, load.Accepted, cancellationToken);
        var outcomes = new List<ListLoadOutcome>();
        foreach (var outcome in loaded)
        {
            outcomes.Add(load.Activates && outcome.Version is { IsActive: false } version && IsNewest(outcome, loaded)
                && await lists.ActivateAsync(version.List, version.Id, cancellationToken) is { } live
                ? outcome with { Version = live }
                : outcome);
            if (load.Activates && outcomes[^1].Version is { IsActive: false } waiting && IsNewest(outcome, loaded))
            {
                await context.Error.WriteLineAsync(
                    $"{waiting.List}: {waiting.Id} goes live once a second person has agreed.");
            }
        }

        Write(context, new ListLoadResult(outcomes), ListsText.Load);
        var named = load.Paths.Where(File.Exists).Select(path => Path.GetFileName(path))
            .ToHashSet(StringComparer.Ordinal);
        var refused = outcomes.Where(outcome => outcome.Outcome == "refused")
            .Where(outcome =>
                !IsNoList(outcome) || outcome.Files.Any(file => named.Contains(file) || named.Contains(file + ".gz")));
        return refused.Any() || outcomes.TrueForAll(outcome => outcome.Outcome == "refused") ? ExitCode.CannotTell
            : ExitCode.Done;
    }

    private static bool IsNoList(ListLoadOutcome outcome) => outcome.Findings is [{ Code: "unknown_format" }];

    // Two versions of one list in one load: the guard let only the newer follow the older, and the last one wins.
    private static bool IsNewest(ListLoadOutcome outcome, IReadOnlyList<ListLoadOutcome> all) =>
        ReferenceEquals(outcome, all.Where(other => other.Version is not null && other.List == outcome.List)
            .OrderBy(other => other.Version?.PublishedOn).ThenBy(other => other.Version?.Id, StringComparer.Ordinal)
                .Last());

    private static void Write<T>(VerbContext context, T answer, Func<T, string> text) =>
        context.Output.WriteLine(context.IsJson ? JsonSerializer.Serialize(answer, CliJson.Options) : text(answer)
            .TrimEnd());
}

/// <summary>Lists as the verbs use them: in the data folder, or through a server.</summary>
internal interface ILists
{
    Task<IReadOnlyList<ListLoadOutcome>> LoadAsync(
        IReadOnlyList<ListFile> files, IReadOnlyList<string> accepted, CancellationToken cancellationToken);

    /// <returns>The live version; null when it waits for a second person.</returns>
    Task<ListVersionView?> ActivateAsync(string list, string versionId, CancellationToken cancellationToken);

    Task<ListStatusList> StatusAsync(CancellationToken cancellationToken);

    Task<ListDiffView> DiffAsync(string list, string? from, string? to, int limit, CancellationToken cancellationToken);
}

/// <summary>Lists of the data folder.</summary>
internal sealed class LocalLists(ListDesk desk, ListStatus status, TimeProvider time) : ILists
{
    private const string Reason = "loaded at the command line";
    private readonly AccessEntry _entry = new(Caller.Server.ToActor(), null, time);

    public Task<IReadOnlyList<ListLoadOutcome>> LoadAsync(
        IReadOnlyList<ListFile> files, IReadOnlyList<string> accepted, CancellationToken cancellationToken) =>
        desk.LoadAsync(files, accepted, _entry, cancellationToken);

    public async Task<ListVersionView?> ActivateAsync(
        string list, string versionId, CancellationToken cancellationToken) =>
        await desk.ActivateAsync(list, versionId, Reason, _entry, cancellationToken);

    public Task<ListStatusList> StatusAsync(CancellationToken cancellationToken) => status.AllAsync(cancellationToken);

    public Task<ListDiffView> DiffAsync(
        string list, string? from, string? to, int limit, CancellationToken cancellationToken) =>
        desk.DiffAsync(list, from, to, limit, cancellationToken);
}

/// <summary>Lists of a server. The files of a folder go as one ZIP, so that sets stay together.</summary>
internal sealed class RemoteLists(HttpClient http) : ILists
{
    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<IReadOnlyList<ListLoadOutcome>> LoadAsync(
        IReadOnlyList<ListFile> files, IReadOnlyList<string> accepted, CancellationToken cancellationToken)
    {
        var outcomes = new List<ListLoadOutcome>();
        foreach (var folder in files.GroupBy(file => file.Folder, StringComparer.Ordinal))
        {
            using var body = new ByteArrayContent(await ZipAsync([.. folder], cancellationToken));
            var accept = Uri.EscapeDataString(string.Join(',', accepted));
            var query = $"api/v1/screening/lists:load?name=upload.zip&accept={accept}";
            using var response = await http.PostAsync(query, body, cancellationToken);
            outcomes.AddRange(response.IsSuccessStatusCode
                ? (await ReadAsync<ListLoadResult>(response, cancellationToken)).Lists
                : [await RefusedAsync(response, [.. folder.Select(file => file.PlainName)], cancellationToken)]);
        }

        return outcomes;
    }

    public async Task<ListVersionView?> ActivateAsync(
        string list, string versionId, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(
            $"api/v1/screening/lists/{list}/versions/{versionId}:activate",
                new ActivateList("loaded at the command line"), s_json, cancellationToken);
        return response.StatusCode == System.Net.HttpStatusCode.Accepted
            ? null : await ReadAsync<ListVersionView>(response, cancellationToken);
    }

    public async Task<ListStatusList> StatusAsync(CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync("api/v1/screening/lists", cancellationToken);
        return await ReadAsync<ListStatusList>(response, cancellationToken);
    }

    public async Task<ListDiffView> DiffAsync(
        string list, string? from, string? to, int limit, CancellationToken cancellationToken)
    {
        var query =
            string.Create(
                CultureInfo.InvariantCulture, $"api/v1/screening/lists/{Uri.EscapeDataString(list)}/diff?limit={limit}")
            + (from is null ? "" : "&from=" + Uri.EscapeDataString(from))
                + (to is null ? "" : "&to=" + Uri.EscapeDataString(to));
        using var response = await http.GetAsync(query, cancellationToken);
        return await ReadAsync<ListDiffView>(response, cancellationToken);
    }

    private static async Task<byte[]> ZipAsync(List<ListFile> files, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                await using var entry = await zip.CreateEntry(file.PlainName).OpenAsync(cancellationToken);
                await using var content = file.OpenContent();
                await content.CopyToAsync(entry, cancellationToken);
            }
        }

        return buffer.ToArray();
    }

    private static async Task<ListLoadOutcome> RefusedAsync(
        HttpResponseMessage response, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var problem = await ProblemAsync(response, cancellationToken);
        if (problem.Code != ErrorCodes.ScreeningListRefused.Code)
        {
            throw Expected(problem);
        }

        ListFinding[] findings =
            [.. (problem.Errors ?? []).Select(fault => new ListFinding(fault.Code, fault.Detail, false))];
        return new ListLoadOutcome { Outcome = "refused", Files = names, Findings = findings, Warnings = [] };
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<T>(s_json, cancellationToken)
                ?? throw new ExpectedFaultException(
                    "The server's answer is empty.", "Check that --url names a Probity server.")
            : throw Expected(await ProblemAsync(response, cancellationToken));

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<Problem>(s_json, cancellationToken)
                ?? throw NoProbity(response);
        }
        catch (JsonException)
        {
            throw NoProbity(response);
        }
    }

    private static ExpectedFaultException NoProbity(HttpResponseMessage response) =>
        new($"The server answers {(int)response.StatusCode} without saying why.",
            "Check that --url names a Probity server.");

    private static ExpectedFaultException Expected(Problem problem) =>
        new(problem.Detail ?? problem.Title, ErrorCodes.Find(problem.Code)?.Remedy ?? "See the server's log.");
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Ratings;
using Probity.Server.Customers.Reviews;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Sample;

/// <summary>Due diligence through a server.</summary>
internal sealed class RemoteDiligence : IDiligenceSink
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private const int MostTries = 5;

    private readonly HttpClient _http;

    public RemoteDiligence(ServerAddress server)
    {
        _http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(10) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
    }

    public async Task<ScorecardAsked> PutInForceAsync(
        JsonNode scorecard, string reason, CancellationToken cancellationToken)
    {
        var stored = (await GetAsync("customers/scorecards", cancellationToken))["scorecards"]!.AsArray();
        var name = scorecard["name"]!.GetValue<string>(); // The scorecard is ours.
        if (stored.Any(item => item!["is_in_force"]!.GetValue<bool>() || item["name"]!.GetValue<string>() == name))
        {
            return ScorecardAsked.IsThere;
        }

        var (_, draft) = await PostAsync(
            "customers/scorecards?note=" + Uri.EscapeDataString(reason), scorecard, null, cancellationToken);
        var (status, _) = await PostAsync(
            $"customers/scorecards/{draft!["id"]}:activate", new ActivateScorecard(reason, null), null,
            cancellationToken);
        return status == HttpStatusCode.Accepted ? ScorecardAsked.Waits : ScorecardAsked.InForce;
    }

    public async Task<IReadOnlyDictionary<string, string>> FindAsync(
        IReadOnlyCollection<string> numbers, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var number in numbers)
        {
            var found = await GetAsync(
                "customers?external_id=" + Uri.EscapeDataString(number), cancellationToken);
            if (found["customers"]!.AsArray() is [{ } customer, ..])
            {
                ids[number] = customer["id"]!.GetValue<string>();
            }
        }

        return ids;
    }

    public async Task<bool> LinkAsync(string id, AddLink link, CancellationToken cancellationToken) =>
        (await PostAsync($"customers/{id}/links", link, "customers.link_exists", cancellationToken)).Answer is not null;

    public async Task<bool> ReviewAsync(string id, CompleteReview review, CancellationToken cancellationToken)
    {
        if ((await GetAsync($"customers/{id}/reviews", cancellationToken))["reviews"]!.AsArray().Count > 0)
        {
            return false;
        }

        await PostAsync($"customers/{id}/reviews", review, null, cancellationToken);
        return true;
    }

    public async Task<int> CheckAsync(
        string id, IReadOnlyList<RecordCheck> checks, CancellationToken cancellationToken)
    {
        var done = (await GetAsync($"customers/{id}/checks", cancellationToken))["checks"]!.AsArray()
            .Where(item => item!["state"]!.GetValue<string>() != "missing")
            .Select(item => item!["kind"]!.GetValue<string>()).ToList();
        var missing = checks.Where(check => !done.Contains(check.Kind)).ToList();
        foreach (var check in missing)
        {
            await PostAsync($"customers/{id}/checks", check, null, cancellationToken);
        }

        return missing.Count;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri("api/v1/" + path, UriKind.Relative), cancellationToken);
        return await ReadAsync(answer, cancellationToken);
    }

    // The answer is null where the server refuses with the code that is passed over. The server may be rating the
    // same customers at this moment: then a change is sent again.
    private async Task<(HttpStatusCode Status, JsonNode? Answer)> PostAsync(
        string path, object body, string? passedOver, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var answer = await _http.PostAsJsonAsync(
                new Uri("api/v1/" + path, UriKind.Relative), body, s_json, cancellationToken);
            var code = answer.StatusCode == HttpStatusCode.Conflict
                ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))?["code"]?.GetValue<string>()
                : null;
            if (code is not null && code == passedOver)
            {
                return (answer.StatusCode, null);
            }

            if (code != "customers.changed" || tries == MostTries)
            {
                return (answer.StatusCode, await ReadAsync(answer, cancellationToken));
            }
        }
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new ExpectedFaultException(
                $"The server answers {(int)answer.StatusCode}: {text}",
                "Do what it says; the key needs customers.record.read, customers.diligence.manage and "
                + "customers.scorecard.manage.");
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Monitoring;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// Reads of events are entries themselves, one for each request or stream, committed before the answer goes out: if
/// the read cannot be recorded it does not happen.
/// </summary>
internal sealed class ReadRecorder(ILedgerWriter ledger, ReadingPolicies policies, SubjectDigest digest, TimeProvider time)
{
    /// <summary>The header that says why.</summary>
    public const string ReasonHeader = "X-Probity-Reason";

    private const int MaxReason = 500;
    private const int MaxSubjects = 1_000;

    /// <summary>Records a read.</summary>
    /// <param name="http">The request.</param>
    /// <param name="type">The entry's type, as the endpoint declares it.</param>
    /// <param name="action">What was done.</param>
    /// <param name="data">How: filter, count, digest of ids. Never what was read.</param>
    /// <param name="subjects">Ids of whom or what was read; kept as keyed digests, the first thousand of them.</param>
    /// <param name="cancellationToken">Ends the wait; by default the end of the request does.</param>
    /// <exception cref="ProblemException">access.reason_needed: the institution asks why, and the request does not say.</exception>
    public async Task RecordAsync(
        HttpContext http, string type, string action, Dictionary<string, object?> data,
        IEnumerable<string>? subjects = null, CancellationToken? cancellationToken = null)
    {
        var ended = cancellationToken ?? http.RequestAborted;
        var reason = ReasonOf(http);
        if (reason is null && (await policies.CurrentAsync(ended)).AsksReason(type))
        {
            throw new ProblemException(ErrorCodes.AccessReasonNeeded);
        }

        AddSubjects(data, subjects);
        await ledger.AppendAsync(
            new Storage.Commits.AppendRequest(
            [
                new EntryDraft
                {
                    Id = EntryIds.New(time.GetUtcNow()),
                    Type = type,
                    Action = action,
                    Actor = http.Caller()?.ToActor() ?? new EntryActor("api_key", "anonymous"),
                    Context = AccessEntry.ContextOf(http),
                    Reason = reason is null ? null : new EntryReason { Text = reason },
                    DataJson = JsonSerializer.Serialize(data),
                },
            ]),
            ended);
    }

    /// <summary>Whom and what an event is about: the ids of its targets.</summary>
    public static IEnumerable<string> SubjectsOf(JsonNode view) => view["targets"] is JsonArray targets
        ? targets.Select(t => t?["id"]?.GetValue<string>()).OfType<string>()
        : [];

    private static string? ReasonOf(HttpContext http)
    {
        var text = http.Request.Headers[ReasonHeader].ToString().Trim();
        return text.Length == 0 ? null
            : text.Length <= MaxReason && !text.Any(char.IsControl) ? text
            : throw new ProblemException(ErrorCodes.RequestBadHeader, $"{ReasonHeader} has 1 to {MaxReason} characters.");
    }

    private void AddSubjects(Dictionary<string, object?> data, IEnumerable<string>? subjects)
    {
        var ids = (subjects ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (ids.Count > 0)
        {
            data["subjects"] = ids.Take(MaxSubjects).Select(digest.Of).ToList();
        }

        if (ids.Count > MaxSubjects)
        {
            data["subjects_left_out"] = ids.Count - MaxSubjects;
        }
    }

    /// <summary>A digest of ids, so that what was seen can be checked later without naming it.</summary>
    public static string Digest(IEnumerable<string> ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', ids))));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// Reads of events are entries themselves, one for each request or stream, committed before the answer goes out: if
/// the read cannot be recorded it does not happen.
/// </summary>
internal sealed class ReadRecorder(ILedgerWriter ledger, TimeProvider time)
{
    /// <summary>Records a read.</summary>
    /// <param name="http">The request.</param>
    /// <param name="type">The entry's type, as the endpoint declares it.</param>
    /// <param name="action">What was done.</param>
    /// <param name="data">How: filter, count, digest of ids. Never what was read.</param>
    public Task RecordAsync(HttpContext http, string type, string action, Dictionary<string, object?> data)
    {
        return ledger.AppendAsync(
            new Storage.Commits.AppendRequest(
            [
                new EntryDraft
                {
                    Id = EntryIds.New(time.GetUtcNow()),
                    Type = type,
                    Action = action,
                    Actor = http.Caller()?.ToActor() ?? new EntryActor("api_key", "anonymous"),
                    Context = AccessEntry.ContextOf(http),
                    DataJson = JsonSerializer.Serialize(data),
                },
            ]),
            http.RequestAborted);
    }

    /// <summary>A digest of ids, so that what was seen can be checked later without naming it.</summary>
    public static string Digest(IEnumerable<string> ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', ids))));
}

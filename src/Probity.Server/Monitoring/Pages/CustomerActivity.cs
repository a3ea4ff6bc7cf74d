using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Monitoring;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Pages;

/// <summary>A decision about a customer's transaction.</summary>
/// <param name="Id"><c>txn_…</c>.</param>
/// <param name="Transaction">What was judged.</param>
/// <param name="Outcome">approve, review or block.</param>
/// <param name="AlertRule">The rule an alert was raised for; null without one.</param>
/// <param name="IsIn">Whether the customer was paid.</param>
internal sealed record CustomerMove(string Id, Transaction Transaction, string Outcome, string? AlertRule, bool IsIn)
{
    /// <summary>The other side.</summary>
    public TransactionParty Other => IsIn ? Transaction.Debtor : Transaction.Creditor;
}

/// <summary>
/// What a customer did, from the entries that name the customer; through the search index, which may lag. Thread safe.
/// </summary>
internal sealed class CustomerActivity(ISearchIndex index, LedgerReader reader, EntryOpener opener, TimeProvider time)
{
    /// <summary>The most movements that are read, the newest.</summary>
    public const int Most = 200;

    /// <summary>The newest movements, the newest first.</summary>
    /// <param name="externalId">The customer's number.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<CustomerMove>> ReadAsync(string externalId, CancellationToken cancellationToken)
    {
        var quoted = externalId.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
        var filter = EventFilter.Parse($"type={MonitoringEvents.Decided} target=\"{quoted}\"", time.GetUtcNow());
        var page = await index.SearchAsync(new SearchQuery(filter, null, Most), cancellationToken);
        var moves = new List<CustomerMove>();
        foreach (var seq in page.Sequences)
        {
            if (await reader.EntryAsync(seq, cancellationToken) is { } entry
                && Of((await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken)).Json, externalId)
                    is { } move)
            {
                moves.Add(move);
            }
        }

        return moves;
    }

    private static CustomerMove? Of(JsonObject entry, string externalId)
    {
        if (entry["data"] is not JsonObject data || data["transaction"] is not { } kept)
        {
            return null; // It was erased.
        }

        var transaction = TransactionJson.Read(JsonSerializer.Deserialize<JsonElement>(kept));
        var id = entry["targets"]?.AsArray().FirstOrDefault(
            target => target?["type"]?.GetValue<string>() == "transaction")?["id"]?.GetValue<string>();
        return id is null ? null : new CustomerMove(
            id, transaction, data["outcome"]?.GetValue<string>() ?? "", data["alert_rule"]?.GetValue<string>(),
            transaction.Creditor.Customer == externalId);
    }
}

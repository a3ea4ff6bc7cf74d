using Probity.Contracts.Problems;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>Draws drafts anew that another set went live beside. Thread safe.</summary>
internal sealed class RebaseDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, RuleLibrary library, RuleDesk desk)
{
    /// <summary>Draws a draft anew on what is live: a new draft, which is looked at and agreed to like any
    /// other.</summary>
    /// <exception cref="ProblemException">
    /// monitoring.rule_set_not_found; monitoring.rule_set_state: it is no draft, or is drawn from what is live;
    /// monitoring.rebase_conflict: names the rules that both changed; monitoring.rule_refused.
    /// </exception>
    public async Task<RuleSetRow> RebaseAsync(string id, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var draft = await RuleDesk.RowAsync(work.Db, id, cancellationToken);
        if (draft.Status != RuleSetRow.Draft
            || await RuleLineage.BehindAsync(work.Db, draft, cancellationToken) is not { } live)
        {
            throw new ProblemException(
                ErrorCodes.MonitoringRuleSetState, "It is no draft, or was drawn from what is live already.");
        }

        var keys = new Dictionary<string, StoredDocument>(StringComparer.Ordinal);
        var now = await ContentAsync(
            await RuleDesk.RowAsync(work.Db, live, cancellationToken), keys, cancellationToken);
        var drawn = draft.BaseId is null or RuleLineage.Shipped ? Shipped()
            : await ContentAsync(
                await RuleDesk.RowAsync(work.Db, draft.BaseId, cancellationToken), keys, cancellationToken);
        var merged = RuleRebase.Of(drawn, await ContentAsync(draft, keys, cancellationToken), now);
        if (merged.Book is not { } book || merged.Conflicts.Count > 0)
        {
            throw new ProblemException(
                ErrorCodes.MonitoringRebaseConflict,
                $"Both it and {live} changed: {string.Join(", ", merged.Conflicts.Take(RuleDesk.MostShown))}.");
        }

        if (merged.Book == now.Book && merged.Rules.Count == now.Rules.Count
            && merged.Rules.All(rule => now.Rules.GetValueOrDefault(rule.Key) == rule.Value))
        {
            throw new ProblemException(
                ErrorCodes.MonitoringRuleSetState, "What is live says all of it already: nothing is left to agree to.");
        }

        var documents = new List<RuleDocument>();
        foreach (var key in merged.Rules.Values)
        {
            documents.Add(new RuleDocument(keys[key].Origin, await library.ReadAsync(key, cancellationToken)));
        }

        var note = $"Rebased: {draft.Note}";
        var row = await desk.StoreAsync(
            work, new DrawnRules(documents, await library.ReadAsync(book, cancellationToken), live),
            note.Length > RuleDesk.MaxNote ? note[..RuleDesk.MaxNote] : note, entry, cancellationToken);
        row.ActiveFrom = draft.ActiveFrom;
        work.Record(
            entry.Draft(
                MonitoringEvents.RulesDrafted, "monitoring.rules.rebase", "system_configuration_changed", null,
                ("digest", row.Digest), ("rebased", id), ("base", live)),
            row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>The set that is live where a draft was drawn from another one; null where it was not.</summary>
    public async Task<string?> BehindAsync(RuleSetRow row, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await RuleLineage.BehindAsync(db, row, cancellationToken);
    }

    private async Task<RuleContent> ContentAsync(
        RuleSetRow row, Dictionary<string, StoredDocument> keys, CancellationToken cancellationToken)
    {
        var rules = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var document in row.DocumentList())
        {
            keys[document.Sha256] = document;
            rules[RuleDesk.NameOf(await library.ReadAsync(document.Sha256, cancellationToken))] = document.Sha256;
        }

        return new RuleContent(rules, row.Book);
    }

    private static RuleContent Shipped() => new(
        RulePack.Documents().ToDictionary(
            document => RuleDesk.NameOf(document.Json), document => RuleLibrary.KeyOf(document.Json.Span),
            StringComparer.Ordinal),
        RuleLibrary.KeyOf(RulePack.BookDocument().Span));
}

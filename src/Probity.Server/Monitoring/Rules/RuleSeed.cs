using Microsoft.EntityFrameworkCore;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Server.Access;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// What the server activates by itself: the shipped rules where there are none yet, and the rules in force under other
/// options after a start with other settings.
/// </summary>
internal sealed class RuleSeed(IDatabase database, Lazy<ILedgerWriter> ledger, TimeProvider time)
{
    private const string ShippedNote = "The rules that ship with the product";

    /// <summary>Activates at a number.</summary>
    /// <param name="held">The rules in force; null when there are none.</param>
    /// <param name="options">How to judge from now on.</param>
    /// <param name="number">The next number.</param>
    public async Task ActivateAsync(
        ActiveRules? held, MonitoringOptions options, long number, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        var rules = held is null ? await ShippedAsync(work, entry, options, cancellationToken)
            : held with { Options = options };
        var draft = StepEntries.Activated(entry, number, rules);
        work.Add(Step(draft, number, rules.RuleSetId, time.GetUtcNow()));
        work.Record(draft);
        await work.CommitAsync(cancellationToken);
    }

    /// <summary>The row of an exchange of rules.</summary>
    public static StepRow Step(EntryDraft draft, long number, string ruleSetId, DateTimeOffset now) => new()
    {
        Number = number, Kind = StepRow.Rules, EntryId = draft.Id, RecordedAt = now, RuleSetId = ruleSetId,
    };

    /// <summary>Adds content that is not stored yet.</summary>
    public static async Task<StoredDocument> KeepAsync(
        UnitOfWork work, string origin, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var key = RuleLibrary.KeyOf(json.Span);
        if (work.Db.Set<ContentRow>().Local.All(row => row.Sha256 != key)
            && !await work.Db.Set<ContentRow>().AsNoTracking().AnyAsync(row => row.Sha256 == key, cancellationToken))
        {
            work.Add(new ContentRow { Sha256 = key, Json = json.ToArray() });
        }

        return new StoredDocument(origin, key);
    }

    private async Task<ActiveRules> ShippedAsync(
        UnitOfWork work, AccessEntry entry, MonitoringOptions options, CancellationToken cancellationToken)
    {
        var documents = new List<StoredDocument>();
        foreach (var document in RulePack.Documents())
        {
            documents.Add(await KeepAsync(work, document.Origin, document.Json, cancellationToken));
        }

        var book = await KeepAsync(work, "reference.json", RulePack.BookDocument(), cancellationToken);
        var compiled = RulePack.Compile(RulePack.Book());
        var row = new RuleSetRow
        {
            Id = AccessIds.New(RuleSetRow.Prefix, time.GetUtcNow()),
            Digest = compiled.Digest,
            Note = ShippedNote,
            Documents = RuleSetRow.Join(documents),
            Book = book.Sha256,
            BookVersion = compiled.Book.Version,
            Status = RuleSetRow.Active,
            ActiveFrom = time.GetUtcNow(),
            MadeBy = "server",
            MadeAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            entry.Draft(
                MonitoringEvents.RulesDrafted, "monitoring.rules.draft", "system_configuration_changed", null,
                ("digest", row.Digest)),
            row);
        return new ActiveRules(row.Id, row.Digest, documents, book.Sha256, options);
    }
}

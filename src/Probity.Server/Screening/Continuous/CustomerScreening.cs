using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.Customers;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Continuous;

/// <summary>
/// Screens registered customers: in the commit of their change, and again when a list changes. While no list is live
/// nothing is recorded, and a customer without a result of its present version is not screened, which is a state of its
/// own and never "clear".
/// </summary>
internal sealed class CustomerScreening(
    LiveEngine live, CustomerIndex index, HitKeeper hits, LedgerRuntime runtime, TimeProvider time) : ICustomerWatch
{
    public async Task ChangedAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        if (live.Current is { } snapshot)
        {
            await ScreenAsync(work, row, document, snapshot, entry, cancellationToken);
        }
    }

    public void Committed(CustomerRow row, CustomerDocument? document)
    {
        if (document is not null)
        {
            index.Add(row.Id, document);
        }
        else
        {
            _ = index.RemoveAsync(row.Id);
        }
    }

    /// <summary>Screens one customer in full; result, hits and alerts join the unit of work.</summary>
    /// <returns>How many hits are new or open again.</returns>
    public async Task<int> ScreenAsync(
        UnitOfWork work, CustomerRow customer, CustomerDocument document, EngineSnapshot snapshot, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var question = CustomerQuestions.Of(document) with { Threshold = snapshot.Engine.Options.Threshold };
        var draft = Draft(entry, customer, question, AnswerWriter.Answer(snapshot, question));
        var matches = AnswerWriter.Matches(snapshot.Engine, question);
        await KeepResultAsync(
            work, customer, ListSet.Of(snapshot).Sha256, matches.Count, draft, cancellationToken);

        // What was decided stays so when only the threshold changes: the digest is of the customer, not of the setting.
        return await hits.KeepAsync(
            work,
            new FoundMatches(
                customer, runtime.Keys.DigestOf(CustomerQuestions.BytesOf(CustomerQuestions.Of(document))), draft.Id,
                matches),
            entry, cancellationToken);
    }

    private async Task KeepResultAsync(
        UnitOfWork work, CustomerRow customer, string lists, int count, EntryDraft draft,
        CancellationToken cancellationToken)
    {
        var isNew = work.Db.Entry(customer).State == EntityState.Added;
        var row = isNew ? null : await work.Db.Set<ResultRow>()
            .SingleOrDefaultAsync(result => result.CustomerId == customer.Id, cancellationToken);
        if (row is null)
        {
            row = new ResultRow
            {
                CustomerId = customer.Id, CustomerVersion = customer.Version, ListsSha256 = lists, Hits = count,
                Evidence = draft.Id, ScreenedAt = time.GetUtcNow(),
            };
            work.Add(row);
        }
        else
        {
            (row.CustomerVersion, row.ListsSha256, row.Hits) = (customer.Version, lists, count);
            (row.Evidence, row.ScreenedAt) = (draft.Id, time.GetUtcNow());
        }

        work.Record(draft, row);
    }

    private static EntryDraft Draft(AccessEntry entry, CustomerRow customer, Question question, byte[] answer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("customer", customer.Id);
            json.WriteNumber("customer_version", customer.Version);
            json.WritePropertyName("question");
            question.Write(json);
            json.WritePropertyName("answer");
            json.WriteRawValue(answer);
            json.WriteEndObject();
        }

        return entry.Draft(
            ContinuousEvents.Screened, "screening.customer", "sensitive_read",
            new EntryTarget(CustomerRow.SubjectType, customer.ExternalId)) with
        {
            DataJson = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length),
        };
    }
}

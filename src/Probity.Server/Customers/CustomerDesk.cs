using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers;

/// <summary>
/// Registers and changes customers. The institution's number decides which customer is meant: the same again changes
/// nothing and leaves nothing. A change, its entry, its search terms and what screening finds are one commit.
/// </summary>
internal sealed class CustomerDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, CustomerSeal seal, CustomerWords words,
    Lazy<IEnumerable<ICustomerWatch>> watches, TimeProvider time)
{
    /// <summary>Most customers of one commit.</summary>
    public const int MaxBatch = 200;

    private const int MaxDocumentBytes = 16 * 1024;

    /// <summary>Registers customers or changes those there are, in one commit; one that is refused does not hold up the
    /// others. Durable when the task completes.</summary>
    /// <param name="documents">At most <see cref="MaxBatch"/>, no number twice.</param>
    /// <param name="scope">The legal entities the caller may change customers of.</param>
    /// <param name="entry">Who does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The outcomes, in the order of the documents.</returns>
    public async Task<IReadOnlyList<CustomerOutcome>> RegisterAsync(
        IReadOnlyList<CustomerDocument> documents, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(documents.Count, MaxBatch);
        try
        {
            return await RegisterOnceAsync(documents, scope, entry, cancellationToken);
        }
        catch (Exception raced) when (CommitRaces.IsRace(raced))
        {
            // Somebody else changed one of them in the same moment: each for itself now, so that only that one waits.
            var outcomes = new List<CustomerOutcome>(documents.Count);
            foreach (var document in documents)
            {
                outcomes.Add(await AloneAsync(document, scope, entry, cancellationToken));
            }

            return outcomes;
        }
    }

    /// <summary>Changes members of one customer.</summary>
    /// <param name="id">The customer.</param>
    /// <param name="expected">The version that is to be changed; null for whichever there is.</param>
    /// <param name="change">Makes the new document of the present one.</param>
    /// <param name="scope">The legal entities the caller may change customers of.</param>
    /// <param name="entry">Who does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">customers.not_found, customers.changed, request.bad_field.</exception>
    public async Task<CustomerOutcome.Kept> ChangeAsync(
        string id, int? expected, Func<CustomerDocument, CustomerDocument> change, EntityScope scope,
        AccessEntry entry, CancellationToken cancellationToken) =>
        await CommitRaces.AgainAsync(
            async () =>
            {
                await using var work = new UnitOfWork(database, ledger.Value);
                var (row, before) = await seal.FindAsync(work.Db, id, scope, cancellationToken);
                if (expected is { } version && version != row.Version)
                {
                    throw new ProblemException(
                        ErrorCodes.CustomersChanged, FormattableString.Invariant($"It is at version {row.Version}."));
                }

                var kept = await KeepAsync(work, row, change(before), scope, entry, cancellationToken);
                await CommitAsync(work, [kept], cancellationToken);
                return kept;
            },
            ErrorCodes.CustomersChanged);

    /// <summary>Whether a caller with this scope may know of a customer.</summary>
    public static bool IsSeen(CustomerRow row, EntityScope scope) => IsSeen(row.LegalEntity, scope);

    private static bool IsSeen(string? legalEntity, EntityScope scope) =>
        scope.IsAll || (legalEntity is { } code && scope.Covers(code));

    private async Task<CustomerOutcome> AloneAsync(
        CustomerDocument document, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return (await CommitRaces.AgainAsync(
                () => RegisterOnceAsync([document], scope, entry, cancellationToken),
                ErrorCodes.CustomersChanged))[0];
        }
        catch (ProblemException refused) when (refused.Code == ErrorCodes.CustomersChanged)
        {
            return new CustomerOutcome.Refused(refused);
        }
    }

    private async Task<IReadOnlyList<CustomerOutcome>> RegisterOnceAsync(
        IReadOnlyList<CustomerDocument> documents, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var numbers = documents.Select(document => document.ExternalId.Trim()).ToList();
        var rows = await work.Db.Set<CustomerRow>().Where(row => numbers.Contains(row.ExternalId))
            .ToDictionaryAsync(row => row.ExternalId, StringComparer.Ordinal, cancellationToken);
        var outcomes = new List<CustomerOutcome>(documents.Count);
        foreach (var document in documents)
        {
            try
            {
                outcomes.Add(await KeepAsync(
                    work, rows.GetValueOrDefault(document.ExternalId.Trim()), document, scope, entry,
                    cancellationToken));
            }
            catch (ProblemException refused)
            {
                outcomes.Add(new CustomerOutcome.Refused(refused));
            }
        }

        await CommitAsync(work, [.. outcomes.OfType<CustomerOutcome.Kept>()], cancellationToken);
        return outcomes;
    }

    /// <summary>Adds one customer to the unit of work, whole or not at all.</summary>
    private async Task<CustomerOutcome.Kept> KeepAsync(
        UnitOfWork work, CustomerRow? row, CustomerDocument asked, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var document = CustomerRules.Checked(asked);
        Check(row, document, scope);
        var before = row is null ? null : seal.Open(row);
        var changed = Changed(before, document);
        if (row is not null && changed.Count == 0)
        {
            return new CustomerOutcome.Kept("unchanged", row, document);
        }

        var isNew = row is null;
        row = row is null ? Add(work, document) : Update(row, document);
        seal.Seal(row, document);
        await IndexAsync(work, row, document, isNew, cancellationToken);
        var draft = entry.Draft(
            CustomerEvents.Recorded, isNew ? "customers.register" : "customers.change",
            isNew ? "sensitive_create" : "sensitive_update",
            new EntryTarget(CustomerRow.SubjectType, row.ExternalId), ("version", row.Version),
            ("changed", changed), ("customer", JsonSerializer.SerializeToElement(document, CustomerSeal.Json)));
        work.Record(draft, row);
        foreach (var watch in watches.Value)
        {
            await watch.ChangedAsync(work, row, document, entry, cancellationToken);
        }

        return new CustomerOutcome.Kept(isNew ? "created" : "changed", row, document);
    }

    // A customer of another legal entity is none to this caller, but its number is taken: the answer says only that.
    private static void Check(CustomerRow? row, CustomerDocument document, EntityScope scope)
    {
        if (!IsSeen(document.LegalEntity, scope))
        {
            throw new ProblemException(ErrorCodes.CustomersOutsideScope);
        }

        if (row is not null && (!IsSeen(row, scope) || row.ExternalId != document.ExternalId))
        {
            throw new ProblemException(ErrorCodes.CustomersNumberTaken);
        }

        if (JsonSerializer.SerializeToUtf8Bytes(document, CustomerSeal.Json).Length > MaxDocumentBytes)
        {
            throw new ProblemException(
                ErrorCodes.RequestBodyTooLarge, $"A customer has {MaxDocumentBytes} bytes at most.");
        }
    }

    private CustomerRow Add(UnitOfWork work, CustomerDocument document)
    {
        var now = time.GetUtcNow();
        var row = new CustomerRow
        {
            Id = AccessIds.New(CustomerRow.Prefix, now),
            ExternalId = document.ExternalId,
            Kind = document.Kind,
            LegalEntity = document.LegalEntity,
            State = CustomerRow.Active,
            Version = 1,
            Sealed = [],
            CreatedAt = now,
            UpdatedAt = now,
        };
        work.Add(row);
        return row;
    }

    private CustomerRow Update(CustomerRow row, CustomerDocument document)
    {
        (row.Kind, row.LegalEntity, row.State) = (document.Kind, document.LegalEntity, CustomerRow.Active);
        row.Version++;
        row.UpdatedAt = time.GetUtcNow();
        return row;
    }

    private async Task IndexAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, bool isNew, CancellationToken cancellationToken)
    {
        var wanted = words.Of(document);
        var there = isNew ? [] : await work.Db.Set<CustomerTermRow>().Where(term => term.CustomerId == row.Id)
            .ToListAsync(cancellationToken);
        work.Db.RemoveRange(there.Where(term => !wanted.Contains(term.Term)));
        foreach (var term in wanted.Except(there.Select(term => term.Term)))
        {
            work.Db.Add(new CustomerTermRow { CustomerId = row.Id, Term = term });
        }
    }

    private async Task CommitAsync(
        UnitOfWork work, IReadOnlyList<CustomerOutcome.Kept> kept, CancellationToken cancellationToken)
    {
        var changed = kept.Where(outcome => outcome.What != "unchanged").ToList();
        if (changed.Count == 0)
        {
            return;
        }

        await work.CommitAsync(cancellationToken);
        foreach (var (_, row, document) in changed)
        {
            foreach (var watch in watches.Value)
            {
                watch.Committed(row, document);
            }
        }
    }

    /// <summary>The members that differ, by name; all of them for a new customer.</summary>
    private static IReadOnlyList<string> Changed(CustomerDocument? before, CustomerDocument after)
    {
        var now = JsonSerializer.SerializeToNode(after, CustomerSeal.Json)!.AsObject(); // A record is an object.
        var was = before is null ? [] : JsonSerializer.SerializeToNode(before, CustomerSeal.Json)!.AsObject();
        return [.. now.Select(member => member.Key).Union(was.Select(member => member.Key), StringComparer.Ordinal)
            .Where(name => !System.Text.Json.Nodes.JsonNode.DeepEquals(now[name], was[name]))];
    }
}

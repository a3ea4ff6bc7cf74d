using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring.Ownership;
using Probity.Server.Access;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Owners;

/// <summary>Relates parties: who owns, controls or is otherwise close to whom. Link, entry and the ratings that follow
/// are one commit.</summary>
internal sealed class LinkDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, CustomerStanding standing, CustomerSeal seal, TimeProvider time)
{
    /// <summary>The most links of one party, either way.</summary>
    public const int MostLinks = 200;

    /// <summary>How one party may stand to another.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        LinkRow.Owns, LinkRow.Controls, "director", "signatory", "trustee", "settlor", "protector", "beneficiary",
        "family", "associate", "guarantor",
    ];

    /// <summary>Relates a party to a customer.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.changed, request.bad_field,
    /// customers.ownership_exceeded, customers.link_exists.</exception>
    public async Task<LinkRow> AddAsync(
        string customerId, AddLink asked, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        var millionths = Share(asked);
        return await CommitRaces.AgainAsync(
            () => AddOnceAsync(customerId, asked, millionths, scope, entry, cancellationToken),
            ErrorCodes.CustomersChanged);
    }

    /// <summary>Takes a relationship back.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.link_not_found, customers.changed.</exception>
    public Task RemoveAsync(
        string customerId, string linkId, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken) => CommitRaces.AgainAsync(
            () => RemoveOnceAsync(customerId, linkId, scope, entry, cancellationToken), ErrorCodes.CustomersChanged);

    /// <summary>The links of a party: whom it is related to, in both directions.</summary>
    public async Task<IReadOnlyList<LinkRow>> OfAsync(string customerId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<LinkRow>().AsNoTracking()
            .Where(link => link.OwnedId == customerId || link.OwnerId == customerId)
            .OrderBy(link => link.Id).Take(2 * MostLinks).ToListAsync(cancellationToken);
    }

    private async Task<LinkRow> AddOnceAsync(
        string customerId, AddLink asked, int? millionths, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (owned, document) = await seal.FindAsync(work.Db, customerId, scope, cancellationToken);
        var (owner, _) = await seal.FindAsync(work.Db, asked.PartyId, scope, cancellationToken);
        if (owner.Id == owned.Id)
        {
            throw ProblemException.BadField("/party_id", "A party is not related to itself.");
        }

        await CheckRoomAsync(work.Db, owned, owner, asked.Kind, millionths ?? 0, cancellationToken);
        var row = new LinkRow
        {
            Id = AccessIds.New(LinkRow.Prefix, time.GetUtcNow()),
            OwnerId = owner.Id,
            OwnedId = owned.Id,
            Kind = asked.Kind,
            Millionths = millionths,
            Since = asked.Since,
            MadeBy = entry.Actor.Id,
            MadeAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(Draft(entry, CustomerEvents.Linked, "customers.link.add", owned, row), row);
        await FollowAsync(work, owned, document, entry, cancellationToken);
        return row;
    }

    private async Task<LinkRow> RemoveOnceAsync(
        string customerId, string linkId, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (owned, document) = await seal.FindAsync(work.Db, customerId, scope, cancellationToken);
        var row = await work.Db.Set<LinkRow>().SingleOrDefaultAsync(
            link => link.Id == linkId && link.OwnedId == customerId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CustomersLinkNotFound);
        work.Remove(row);
        work.Record(Draft(entry, CustomerEvents.Unlinked, "customers.link.remove", owned, row), row);
        await FollowAsync(work, owned, document, entry, cancellationToken);
        return row;
    }

    private async Task FollowAsync(
        UnitOfWork work, CustomerRow owned, CustomerDocument document, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await standing.RefreshAsync(work, owned, document, RatingCause.Owners, entry, cancellationToken);
        await standing.MarkOwnedAsync(work, owned, cancellationToken);
        await work.CommitAsync(cancellationToken);
    }

    private static async Task CheckRoomAsync(
        ProbityDb db, CustomerRow owned, CustomerRow owner, string kind, int millionths,
        CancellationToken cancellationToken)
    {
        var links = await db.Set<LinkRow>().AsNoTracking().Where(link => link.OwnedId == owned.Id)
            .ToListAsync(cancellationToken);
        if (links.Exists(link => link.OwnerId == owner.Id && link.Kind == kind))
        {
            throw new ProblemException(ErrorCodes.CustomersLinkExists);
        }

        if (links.Count >= MostLinks)
        {
            throw ProblemException.BadField("/party_id", $"A party has {MostLinks} relationships at most.");
        }

        var taken = links.Sum(link => link.Millionths ?? 0);
        if (taken + millionths > BeneficialOwnership.Whole)
        {
            throw new ProblemException(
                ErrorCodes.CustomersOwnershipExceeded,
                $"{BeneficialOwnership.Percent(taken)} % are taken, so at most "
                + $"{BeneficialOwnership.Percent(BeneficialOwnership.Whole - taken)} % are left.");
        }
    }

    private static int? Share(AddLink asked)
    {
        if (!Kinds.Contains(asked.Kind, StringComparer.Ordinal))
        {
            throw ProblemException.BadField("/kind", $"Use one of {string.Join(", ", Kinds)}.");
        }

        if (asked.Kind != LinkRow.Owns)
        {
            return asked.Percent is null ? null
                : throw ProblemException.BadField("/percent", "Only who owns has a share.");
        }

        return decimal.TryParse(
                asked.Percent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent * 10_000 is >= 1 and <= BeneficialOwnership.Whole and var millionths
            && decimal.Truncate(millionths) == millionths
            ? (int)millionths
            : throw ProblemException.BadField(
                "/percent", "Give the share as decimal text above 0 to 100, four places at most.");
    }

    private static EntryDraft Draft(
        AccessEntry entry, string type, string action, CustomerRow owned, LinkRow row) => entry.Draft(
        type, action, "sensitive_update", new EntryTarget(CustomerRow.SubjectType, owned.ExternalId),
        ("link", row.Id), ("kind", row.Kind));
}

/// <summary>Relates a party to a customer.</summary>
internal sealed record AddLink
{
    /// <summary>Who owns, controls or is related, <c>cus_…</c>: a customer, or a party of role related.</summary>
    public required string PartyId { get; init; }

    /// <summary>One of <see cref="LinkDesk.Kinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The share in percent, above 0 to 100, four places at most; only for owns, and then needed.</summary>
    public string? Percent { get; init; }

    /// <summary>Since when; null when not told.</summary>
    public DateOnly? Since { get; init; }
}

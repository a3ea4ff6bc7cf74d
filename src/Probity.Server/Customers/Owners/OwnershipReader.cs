using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Ownership;
using Probity.Monitoring.Rating;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Owners;

/// <summary>A party of a tree.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Document">What is known of it; null when it was erased.</param>
internal sealed record OwnerParty(CustomerRow Row, CustomerDocument? Document);

/// <summary>Who stands behind a legal entity.</summary>
/// <param name="Threshold">What makes a person a beneficial owner.</param>
/// <param name="Finding">Who does, and what is not known.</param>
/// <param name="Links">Every link upward from the entity.</param>
/// <param name="Parties">Every party by id, the entity among them.</param>
internal sealed record OwnershipTree(
    OwnershipThreshold Threshold, OwnershipFinding Finding, IReadOnlyList<LinkRow> Links,
    IReadOnlyDictionary<string, OwnerParty> Parties);

/// <summary>Reads the tree of owners of a customer. Thread safe.</summary>
internal sealed class OwnershipReader(CustomerSeal seal, DueDays days)
{
    /// <summary>The most links of one tree; more are left out, and the tree says that it was cut.</summary>
    public const int MostLinks = 500;

    /// <summary>Reads upward from a customer.</summary>
    /// <param name="db">The context; rows that wait to be saved count.</param>
    /// <param name="root">The customer.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="scorecard">Whose thresholds hold.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<OwnershipTree> ReadAsync(
        ProbityDb db, CustomerRow root, CustomerDocument document, Scorecard scorecard,
        CancellationToken cancellationToken)
    {
        var isNew = db.Entry(root).State == EntityState.Added;
        var (links, isCut) = isNew ? ([], false) : await LinksAsync(db, root.Id, cancellationToken);
        var parties = await PartiesAsync(db, root, document, links, cancellationToken);
        var threshold = BeneficialOwnership.ThresholdFor(
                scorecard.Thresholds, Jurisdiction(document), days.Today,
                scorecard.IsListed)
            ?? ScorecardPack.Scorecard().Thresholds.First(item => item.Jurisdiction == "*");
        var finding = BeneficialOwnership.Of(
            root.Id, links.Where(link => link.Kind is LinkRow.Owns or LinkRow.Controls).Select(
                link => new OwnershipLink(link.OwnerId, link.OwnedId, link.Millionths)),
            id => parties[id].Row.Kind == CustomerRules.Person, threshold);
        return new OwnershipTree(threshold, isCut ? finding with { IsCut = true } : finding, links, parties);
    }

    /// <summary>Everybody who is owned, controlled or otherwise reached from a party downward, tracked.</summary>
    public static async Task<IReadOnlyList<CustomerRow>> BelowAsync(
        ProbityDb db, string id, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>([id], StringComparer.Ordinal);
        List<string> level = [id];
        while (level.Count > 0 && seen.Count <= MostLinks)
        {
            var owned = await db.Set<LinkRow>().AsNoTracking().Where(link => level.Contains(link.OwnerId))
                .Select(link => link.OwnedId).Distinct().Take(MostLinks).ToListAsync(cancellationToken);
            level = [.. owned.Where(seen.Add)];
        }

        seen.Remove(id);
        return seen.Count == 0 ? [] : await db.Set<CustomerRow>().Where(row => seen.Contains(row.Id))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Where a legal entity is: incorporated, registered, or its first country.</summary>
    public static string? Jurisdiction(CustomerDocument document) =>
        (document.Countries.FirstOrDefault(country => country.Kind is "incorporation" or "registration")
            ?? (document.Countries.Count == 0 ? null : document.Countries[0]))?.Code;

    private static async Task<(List<LinkRow> Links, bool IsCut)> LinksAsync(
        ProbityDb db, string root, CancellationToken cancellationToken)
    {
        var (links, seen) = (new List<LinkRow>(), new HashSet<string>([root], StringComparer.Ordinal));
        List<string> level = [root];
        for (var depth = 0; level.Count > 0; depth++)
        {
            if (depth > BeneficialOwnership.MostDepth || links.Count > MostLinks)
            {
                return (links, true);
            }

            // Tracked, so that what waits to be saved or deleted in this context is seen as it will be.
            var stored = await db.Set<LinkRow>().Where(link => level.Contains(link.OwnedId))
                .OrderBy(link => link.Id).Take(MostLinks + 1).ToListAsync(cancellationToken);
            var above = stored.Union(db.Set<LinkRow>().Local.Where(link => level.Contains(link.OwnedId)))
                .Where(link => db.Entry(link).State != EntityState.Deleted).ToList();
            links.AddRange(above);
            level = [.. above.Select(link => link.OwnerId).Where(seen.Add)];
        }

        return (links, false);
    }

    private async Task<Dictionary<string, OwnerParty>> PartiesAsync(
        ProbityDb db, CustomerRow root, CustomerDocument document, List<LinkRow> links,
        CancellationToken cancellationToken)
    {
        var ids = links.SelectMany(link => new[] { link.OwnerId, link.OwnedId }).ToHashSet(StringComparer.Ordinal);
        ids.Remove(root.Id);
        var rows = ids.Count == 0 ? [] : await db.Set<CustomerRow>().AsNoTracking()
            .Where(row => ids.Contains(row.Id)).ToListAsync(cancellationToken);
        var parties = rows.ToDictionary(
            row => row.Id, row => new OwnerParty(row, seal.Open(row)), StringComparer.Ordinal);
        parties[root.Id] = new OwnerParty(root, document);
        return parties;
    }
}

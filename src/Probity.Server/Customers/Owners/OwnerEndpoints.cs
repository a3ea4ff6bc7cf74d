using System.Globalization;
using Probity.Contracts.Problems;
using Probity.Monitoring.Ownership;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Owners;

/// <summary>Owners and relationships over the API.</summary>
internal static class OwnerEndpoints
{
    private const string Tag = "customers";
    private const int MaxBodyBytes = 16 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/{id}/owners", OwnersAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("getBeneficialOwners")
            .WithSummary("Who stands behind a legal entity: indirect shares, control, what is unknown, circles")
            .WithTags(Tag);
        api.MapGet("/customers/{id}/links", LinksAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("listLinks").WithSummary("The relationships of a party, in both directions").WithTags(Tag);
        api.MapPost("/customers/{id}/links", AddAsync)
            .RequiresPermission(Permission.ManageDiligence).Records(CustomerEvents.Linked).LimitsBody(MaxBodyBytes)
            .WithName("addLink").WithSummary("Relate a registered party to a customer")
            .WithRequestExample("""{"party_id":"cus_…","kind":"owns","percent":"37.5","since":"2024-05-01"}""")
            .WithTags(Tag);
        api.MapDelete("/customers/{id}/links/{link}", RemoveAsync)
            .RequiresPermission(Permission.ManageDiligence).Records(CustomerEvents.Unlinked)
            .WithName("removeLink").WithSummary("Take a relationship back; what was is in the ledger").WithTags(Tag);
    }

    /// <summary>The tree of a customer.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.no_entity.</exception>
    public static async Task<OwnersView> ReadAsync(
        CustomerRow row, CustomerDocument? document, IDatabase database, Scorecards scorecards,
        OwnershipReader reader, CancellationToken cancellationToken)
    {
        if (document is null || row.Kind == CustomerRules.Person)
        {
            throw new ProblemException(ErrorCodes.CustomersNoEntity);
        }

        await using var db = database.CreateContext();
        var scorecard = await scorecards.CurrentOrShippedAsync(db, cancellationToken);
        return OwnersView.Of(row, await reader.ReadAsync(db, row, document, scorecard, cancellationToken));
    }

    private static Task<IResult> OwnersAsync(
        string id, HttpContext http, CustomerRegister register, IDatabase database, Scorecards scorecards,
        OwnershipReader reader, ReadRecorder reads) => CustomerReads.AnswerAsync(
            http, id, register, reads, (row, document) => ReadAsync(
                row, document, database, scorecards, reader, http.RequestAborted));

    private static Task<IResult> LinksAsync(
        string id, HttpContext http, CustomerRegister register, LinkDesk desk, ReadRecorder reads) =>
        CustomerReads.AnswerAsync(http, id, register, reads, async (row, _) => new LinkList(
            [.. (await desk.OfAsync(row.Id, http.RequestAborted)).Select(LinkView.Of)]));

    private static async Task<IResult> AddAsync(
        string id, AddLink asked, HttpContext http, LinkDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var row = await desk.AddAsync(
            id, asked, caller.ScopeOf(Permission.ManageDiligence), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Created($"/api/v1/customers/{id}/links", LinkView.Of(row));
    }

    private static async Task<IResult> RemoveAsync(
        string id, string link, HttpContext http, LinkDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        await desk.RemoveAsync(
            id, link, caller.ScopeOf(Permission.ManageDiligence), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.NoContent();
    }
}

/// <summary>Relationships.</summary>
internal sealed record LinkList(IReadOnlyList<LinkView> Links);

/// <summary>A relationship.</summary>
/// <param name="Percent">The share; null unless it owns.</param>
internal sealed record LinkView(
    string Id, string PartyId, string CustomerId, string Kind, string? Percent, DateOnly? Since, DateTimeOffset MadeAt)
{
    public static LinkView Of(LinkRow row) => new(
        row.Id, row.OwnerId, row.OwnedId, row.Kind,
        row.Millionths is { } share ? BeneficialOwnership.Percent(share) : null, row.Since, row.MadeAt);
}

/// <summary>Who stands behind a legal entity.</summary>
/// <param name="Threshold">Such as <c>25 % or more</c>.</param>
/// <param name="Jurisdiction">Whose threshold it is.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="Persons">By share, the greatest first.</param>
/// <param name="UnknownPercent">What nobody is named for.</param>
/// <param name="CircularPercent">What runs in circles.</param>
/// <param name="Circles">Ids of the parties of each circle.</param>
/// <param name="Exceeding">Parties whose shares are more than the whole: a mistake to correct.</param>
/// <param name="Depth">The most links up to a party.</param>
/// <param name="IsCut">Whether a bound ended the search: shares are then at least what is said.</param>
/// <param name="Statements">The same in sentences.</param>
/// <param name="Parties">Names by id; null for one that was erased.</param>
internal sealed record OwnersView(
    string Threshold, string Jurisdiction, string Source, IReadOnlyList<OwnerView> Persons, string UnknownPercent,
    string CircularPercent, IReadOnlyList<IReadOnlyList<string>> Circles, IReadOnlyList<string> Exceeding, int Depth,
    bool IsCut, IReadOnlyList<string> Statements, IReadOnlyDictionary<string, string?> Parties)
{
    public static OwnersView Of(CustomerRow root, OwnershipTree tree)
    {
        var finding = tree.Finding;
        return new OwnersView(
            tree.Threshold.ToString(), tree.Threshold.Jurisdiction, tree.Threshold.Source,
            [.. finding.Persons.Select(OwnerView.Of)], Percent(finding.UnknownPercent),
            Percent(finding.CircularPercent), [.. finding.Circles.Select(circle => (IReadOnlyList<string>)circle)],
            finding.Exceeding, finding.Depth, finding.IsCut, [.. Told(root, tree)],
            tree.Parties.ToDictionary(
                party => party.Key, party => party.Value.Document?.Names[0].Text, StringComparer.Ordinal));
    }

    /// <summary>A share for people, without trailing zeros.</summary>
    public static string Percent(decimal percent) => percent.ToString("0.######", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Told(CustomerRow root, OwnershipTree tree)
    {
        var finding = tree.Finding;
        if (finding.UnknownPercent > 0)
        {
            yield return $"{Percent(finding.UnknownPercent)} % of the ownership is unknown.";
        }

        foreach (var circle in finding.Circles)
        {
            yield return $"Shares run in a circle through {string.Join(", ", circle.Select(Name))}.";
        }

        if (!finding.Persons.Any(person => person.IsBeneficialOwner))
        {
            yield return $"Nobody reaches {tree.Threshold} or is known to control {Name(root.Id)}: name the senior "
                + "managing officials (FATF INR.10 paragraph 5(b)(i.iii)).";
        }

        if (finding.Exceeding.Length > 0)
        {
            yield return "Shares are more than the whole in " + string.Join(", ", finding.Exceeding.Select(Name))
                + ": correct them.";
        }

        if (finding.IsCut)
        {
            yield return "The tree is larger than what is looked at: shares are at least what is said.";
        }

        string Name(string id) => tree.Parties.TryGetValue(id, out var party)
            ? party.Document?.Names[0].Text ?? party.Row.ExternalId : id;
    }
}

/// <summary>A person behind a legal entity.</summary>
/// <param name="Percent">Through all ways, in percent.</param>
/// <param name="IsBeneficialOwner">Whether the share or control makes one.</param>
/// <param name="Ways">From the person down, each with its share.</param>
internal sealed record OwnerView(
    string PartyId, string Percent, bool IsBeneficialOwner, bool IsByShare, bool IsByControl,
    IReadOnlyList<OwnerWayView> Ways)
{
    public static OwnerView Of(OwnerFinding person) => new(
        person.Id, OwnersView.Percent(person.Percent), person.IsBeneficialOwner, person.IsByShare,
        person.IsByControl,
        [.. person.Ways.Take(20).Select(way => new OwnerWayView(way.Ids, OwnersView.Percent(way.Percent)))]);
}

/// <summary>A way from a person down.</summary>
internal sealed record OwnerWayView(IReadOnlyList<string> Ids, string Percent);

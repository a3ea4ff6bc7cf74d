using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Monitoring.Rating;
using Probity.Server.Customers;
using Probity.Server.Customers.Owners;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Sample;

/// <summary>
/// <c>probity sample</c>: makes an invented bank and takes it in as anybody's data comes in, by the imports of lists,
/// customers and transactions, and then by the desks of due diligence. The scorecard comes last: what was judged was
/// judged by the ratings that the bank had been told, and from then on everybody is rated. Run again it changes
/// nothing; on another day, or with another seed, it adds another bank.
/// </summary>
internal static class SampleBody
{
    private const string Scorecard = "Sample bank: the shipped scorecard";
    private const string Reason = "The sample bank rates by what ships.";

    // So many customers have their checks recorded at once: commits that wait together are one.
    private const int AtOnce = 8;

    /// <summary>Makes the bank and takes it in.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="bodies">The imports.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="today">The day it moves with.</param>
    /// <param name="more">Adds the services of the desks in a data folder.</param>
    /// <param name="cancellationToken">Ends the run; what was committed stays.</param>
    public static async Task<int> RunAsync(
        SampleVerbRequest request, VerbBodies bodies, VerbContext context, DateOnly today,
        Action<IServiceCollection> more, CancellationToken cancellationToken)
    {
        var world = SampleWorld.Make(new SampleRequest(today, request.Days, request.Seed));
        Tell(context, string.Create(CultureInfo.InvariantCulture,
            $"{world.Customers.Count} customers, {world.Steps.Count} transactions, "
            + $"{world.Scenarios.Count(item => item.IsTrue)} typologies, "
            + $"{world.Scenarios.Count(item => !item.IsTrue)} near misses, {SampleNames.Listed.Count} namesakes"));
        foreach (var unplaced in world.Unplaced)
        {
            Tell(context, string.Create(CultureInfo.InvariantCulture,
                $"not placed: {unplaced}; its days do not fit into {request.Days} days"));
        }

        var folder = Directory.CreateTempSubdirectory("probity-sample-");
        try
        {
            var quiet = context with { IsJson = false, Output = context.Error };
            var list = Write(folder, "own_sample.csv", world.ListCsv);
            await bodies.Lists(new ListsRequest.Load([list], [], true, request.Remote), quiet, cancellationToken);
            var customers = Write(folder, "customers.ndjson", Lines(world.Customers.Select(
                customer => JsonSerializer.Serialize(customer, CustomerSeal.Json))));
            await bodies.ImportCustomers(
                new CustomerImportRequest(customers, request.Remote), quiet, cancellationToken);
            var transactions = Write(folder, "transactions.ndjson", Lines(world.Steps.SelectMany(Documents)));
            var code = await bodies.ImportTransactions(
                new TransactionImportRequest(transactions, null, "sample", request.Remote), context, cancellationToken);
            await PutDiligenceAsync(request, world, context, more, cancellationToken);
            return code;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task PutDiligenceAsync(
        SampleVerbRequest request, SampleWorld world, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var diligence = world.Diligence;
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        await using IDiligenceSink sink = remote is not null ? new RemoteDiligence(remote)
            : await LocalDiligence.OpenAsync(context, more, cancellationToken);
        var scorecard = JsonNode.Parse(ScorecardPack.Document().Span)!; // A test reads it.
        scorecard["name"] = Scorecard;
        Tell(context, await sink.PutInForceAsync(scorecard, Reason, cancellationToken) switch
        {
            ScorecardAsked.IsThere => "a scorecard is there already",
            ScorecardAsked.InForce => "scorecard in force: nobody else could agree to it, and the ledger says so",
            ScorecardAsked.Waits => "the scorecard waits for a second person: agree to it under Approvals",
            _ => throw new InvalidOperationException("There is nothing else that it comes to."),
        });
        string[] numbers =
        [
            .. diligence.Links.SelectMany(link => new[] { link.Owned, link.Owner })
                .Concat(diligence.Reviews.Select(item => item.Number))
                .Concat(world.Checks.Select(item => item.Number)).Distinct(StringComparer.Ordinal),
        ];
        var ids = await sink.FindAsync(numbers, cancellationToken);
        var (links, reviews, checks) = (0, 0, 0);
        foreach (var link in diligence.Links.Where(link => ids.ContainsKey(link.Owned) && ids.ContainsKey(link.Owner)))
        {
            var asked = new AddLink { PartyId = ids[link.Owner], Kind = link.Kind, Percent = link.Percent };
            links += await sink.LinkAsync(ids[link.Owned], asked, cancellationToken) ? 1 : 0;
        }

        foreach (var item in diligence.Reviews.Where(item => ids.ContainsKey(item.Number)))
        {
            reviews += await sink.ReviewAsync(ids[item.Number], item.Review, cancellationToken) ? 1 : 0;
        }

        await Parallel.ForEachAsync(
            world.Checks.Where(item => ids.ContainsKey(item.Number))
                .GroupBy(item => ids[item.Number], item => item.Check),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (customer, token) => Interlocked.Add(
                ref checks, await sink.CheckAsync(customer.Key, [.. customer], token)));

        Tell(context, FormattableString.Invariant(
            $"{links} relationships, {reviews} reviews, {checks} checks of onboarding"));
    }

    private static IEnumerable<string> Documents(SampleStep step)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            TransactionJson.Write(json, step.Transaction);
        }

        yield return Encoding.UTF8.GetString(buffer.ToArray());
        if (step.IsTakenBack)
        {
            var (source, id) = step.Transaction.Key;
            yield return JsonSerializer.Serialize(
                new { reverse = new { source, id, reason = "returned by the bank of the creditor" } });
        }
    }

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    private static string Write(DirectoryInfo folder, string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static void Tell(VerbContext context, string text) => context.Error.WriteLine(text);
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Server.Customers;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Sample;

/// <summary>
/// <c>probity sample</c>: makes an invented bank and takes it in as anybody's data comes in, by the imports of lists,
/// customers and transactions. Run again it changes nothing; on another day, or with another seed, it adds another
/// bank.
/// </summary>
internal static class SampleBody
{
    /// <summary>Makes the bank and takes it in.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="bodies">The imports.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="today">The day it moves with.</param>
    /// <param name="cancellationToken">Ends the run; what was committed stays.</param>
    public static async Task<int> RunAsync(
        SampleVerbRequest request, VerbBodies bodies, VerbContext context, DateOnly today,
        CancellationToken cancellationToken)
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
            return await bodies.ImportTransactions(
                new TransactionImportRequest(transactions, null, "sample", request.Remote), context, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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

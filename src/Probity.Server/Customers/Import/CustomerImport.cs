using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers.Import;

/// <summary>One line of an import.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Document">What it says; null when it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
internal sealed record ImportLine(long Line, CustomerDocument? Document, ProblemException? Problem = null);

/// <summary>What came of one line.</summary>
internal sealed record ImportLineResult(long Line, CustomerOutcome Outcome);

/// <summary>
/// Registers customers line by line, <see cref="CustomerDesk.MaxBatch"/> in a commit. A line that is refused does not
/// hold up the others; what is committed stays when the import ends early, and the same file again changes nothing
/// that is there. Memory does not grow with the file.
/// </summary>
internal sealed class CustomerImport(CustomerDesk desk)
{
    /// <summary>Runs an import; results come in the order of the lines, each after its commit.</summary>
    public async IAsyncEnumerable<ImportLineResult> RunAsync(
        IAsyncEnumerable<ImportLine> lines, EntityScope scope, AccessEntry entry,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<ImportLine>(CustomerDesk.MaxBatch);
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            // The same number twice in one commit: the second is a change of the first.
            var isAgain = line.Document is { } document && !numbers.Add(document.ExternalId.Trim());
            if (isAgain || batch.Count == CustomerDesk.MaxBatch)
            {
                foreach (var result in await KeepAsync(batch, scope, entry, cancellationToken))
                {
                    yield return result;
                }

                batch.Clear();
                numbers.Clear();
                numbers.Add(line.Document?.ExternalId.Trim() ?? "");
            }

            batch.Add(line);
        }

        foreach (var result in await KeepAsync(batch, scope, entry, cancellationToken))
        {
            yield return result;
        }
    }

    private async Task<IEnumerable<ImportLineResult>> KeepAsync(
        List<ImportLine> batch, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        var documents = batch.Select(line => line.Document).OfType<CustomerDocument>().ToList();
        var outcomes = documents.Count == 0
            ? [] : await desk.RegisterAsync(documents, scope, entry, cancellationToken);
        var next = 0;
        return batch.ConvertAll(line => new ImportLineResult(
            line.Line,
            line.Document is null
                ? new CustomerOutcome.Refused(line.Problem ?? new ProblemException(ErrorCodes.RequestMalformed))
                : outcomes[next++]));
    }
}

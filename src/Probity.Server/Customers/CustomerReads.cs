using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;

namespace Probity.Server.Customers;

/// <summary>Entries of reading customers, the same for the API and for pages.</summary>
internal static class CustomerReads
{
    /// <summary>
    /// Records a list. What was searched for is a name more often than not: the entry keeps how many and, digested,
    /// whom.
    /// </summary>
    public static Task RecordAsync(HttpContext http, ReadRecorder reads, CustomerPage page, string how) =>
        reads.RecordAsync(
            http, CustomerEvents.Searched, "customers." + how,
            new()
            {
                ["owasp"] = "sensitive_read",
                ["count"] = page.Customers.Count,
                ["ids_sha256"] = ReadRecorder.Digest(page.Customers.Select(customer => customer.Id)),
            },
            page.Customers.SelectMany(customer => (string[])[customer.Id, .. Number(customer)]));

    /// <summary>Records a list of what is due.</summary>
    public static Task RecordAsync(HttpContext http, ReadRecorder reads, IReadOnlyList<Reviews.DueTask> tasks) =>
        reads.RecordAsync(
            http, CustomerEvents.Searched, "customers.due",
            new()
            {
                ["owasp"] = "sensitive_read",
                ["count"] = tasks.Count,
                ["ids_sha256"] = ReadRecorder.Digest(tasks.Select(task => task.CustomerId)),
            },
            tasks.SelectMany(task => (string[])[task.CustomerId, task.ExternalId]));

    /// <summary>Answers with something of one customer that the caller may see, and records the reading.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">customers.not_found.</exception>
    public static async Task<IResult> AnswerAsync<TView>(
        HttpContext http, string id, CustomerRegister register, ReadRecorder reads,
        Func<CustomerRow, CustomerDocument?, Task<TView>> read)
    {
        var (row, document) = await register.GetAsync(
            id, http.RequireCaller().ScopeOf(Permission.ReadCustomers), http.RequestAborted);
        var view = await read(row, document);
        await RecordAsync(http, reads, row);
        return TypedResults.Ok(view);
    }

    /// <summary>Records the reading of one customer.</summary>
    public static Task RecordAsync(HttpContext http, ReadRecorder reads, CustomerRow row) => reads.RecordAsync(
        http, CustomerEvents.Read, "customers.read", new() { ["owasp"] = "sensitive_read", ["count"] = 1 },
        [row.Id, row.ExternalId]);

    private static string[] Number(CustomerView view) => view.Customer is { } document ? [document.ExternalId] : [];
}

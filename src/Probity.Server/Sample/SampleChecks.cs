using Probity.Server.Customers;
using Probity.Server.Customers.Onboarding;

namespace Probity.Server.Sample;

/// <summary>A recorded check of a customer, by its number.</summary>
internal sealed record SampleCheck(string Number, RecordCheck Check);

/// <summary>
/// How onboarding of the customers of the bank went: done for nearly all of them, just begun for some, failed for a
/// few, and for the one who holds a public office all but the approval of a second person. Pure.
/// </summary>
internal static class SampleChecks
{
    // One in so many was taken on so lately that only the identity was seen, or could not be reached by letter.
    private const int BegunOneIn = 45;
    private const int ReturnedOneIn = 160;

    private static readonly string[] s_all = ["identity", "document", "address", "ownership", "purpose"];

    /// <summary>The checks, customer by customer.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="customers">Who is onboarded, without parties that are no customers.</param>
    public static IEnumerable<SampleCheck> Of(SampleRequest request, IReadOnlyList<CustomerDocument> customers) =>
        customers.SelectMany((customer, i) => Told(request, customer, i).Select(check => new SampleCheck(
            customer.ExternalId,
            new RecordCheck { Kind = check.Kind, Outcome = check.Outcome, Reason = check.Reason })));

    private static IEnumerable<(string Kind, string Outcome, string Reason)> Told(
        SampleRequest request, CustomerDocument customer, int i)
    {
        var number = customer.ExternalId;
        var asked = s_all.Where(kind => kind != "ownership" || customer.Kind != CustomerRules.Person);
        if (number == SampleBackground.CompanyOf(request, 'e', 2))
        {
            return [.. Passed("identity", "document"), Failed(
                "ownership", "65 % of the shares are not told in spite of two requests.")];
        }

        if (number == SampleBackground.CompanyOf(request, 'e', 1))
        {
            return Passed([.. asked.Where(kind => kind != "ownership")]);
        }

        if (number == SampleBackground.PersonOf(request, SampleBackground.Exposed))
        {
            return Passed([.. asked, "source_of_funds"]);
        }

        return i % BegunOneIn == BegunOneIn - 3 ? Passed("identity")
            : i % ReturnedOneIn == ReturnedOneIn - 5
                ? [.. Passed("identity", "document"), Failed("address", "Two letters came back undelivered.")]
            : Passed([.. asked]);
    }

    private static IEnumerable<(string Kind, string Outcome, string Reason)> Passed(params string[] kinds) =>
        kinds.Select(kind => (kind, CheckRow.Passed, "Seen and compared with what was told."));

    private static (string Kind, string Outcome, string Reason) Failed(string kind, string reason) =>
        (kind, CheckRow.Failed, reason);
}

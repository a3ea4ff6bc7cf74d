using System.Security.Cryptography;
using System.Text;
using Probity.Monitoring;
using Probity.Server.Cases;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// The alerts that decisions ask for, raised in the commit of the decision. Alerts fold by rule and party: one that is
/// open counts what comes after it.
/// </summary>
internal static class DecisionAlerts
{
    public const string Source = "monitoring";
    public const string Route = "aml";

    /// <summary>The alert of a decision.</summary>
    /// <param name="alert">What the decision asks for.</param>
    /// <param name="transactionId">The transaction.</param>
    /// <param name="evidence">The entry of the decision.</param>
    public static NewAlert Of(AlertRequest alert, string transactionId, string evidence)
    {
        var subject = alert.Customer is { } customer
            ? new EntryTarget("customer", customer)
            : new EntryTarget("account", alert.Account!); // A side that is judged has one of the two.
        return new NewAlert
        {
            Source = Source,
            Kind = "rule",
            FoldKey = FoldKey(alert.Rule, subject),
            Subject = subject,
            Severity = alert.Severity.ToString().ToLowerInvariant(),
            Route = Route,
            Evidence = evidence,
            Reference = transactionId,
        };
    }

    // A digest: names of rules may be longer than a key, and the row names the party once already.
    private static string FoldKey(string rule, EntryTarget subject) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{rule}\n{subject.Type}\n{subject.Id}")));
}

using System.Text.Json.Nodes;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Reviews;

namespace Probity.Server.Sample;

/// <summary>Where due diligence of the sample bank goes: a server, or the data folder itself. What is there already is
/// left as it is.</summary>
internal interface IDiligenceSink : IAsyncDisposable
{
    /// <summary>Drafts a scorecard and asks for it to come into force.</summary>
    /// <param name="scorecard">The document.</param>
    /// <param name="reason">Why, for the ledger and the second person.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What came of it.</returns>
    Task<ScorecardAsked> PutInForceAsync(JsonNode scorecard, string reason, CancellationToken cancellationToken);

    /// <summary>The ids of customers by their numbers; a number that nobody has is left out.</summary>
    Task<IReadOnlyDictionary<string, string>> FindAsync(
        IReadOnlyCollection<string> numbers, CancellationToken cancellationToken);

    /// <summary>Relates a party to a customer; false where it is related already.</summary>
    Task<bool> LinkAsync(string id, AddLink link, CancellationToken cancellationToken);

    /// <summary>Completes a review; false where one was completed already.</summary>
    Task<bool> ReviewAsync(string id, CompleteReview review, CancellationToken cancellationToken);

    /// <summary>Records checks of a customer; one whose kind was recorded already is left out. May be called for
    /// several customers at once.</summary>
    /// <returns>How many were recorded.</returns>
    Task<int> CheckAsync(string id, IReadOnlyList<RecordCheck> checks, CancellationToken cancellationToken);
}

/// <summary>What asking for a scorecard came to.</summary>
internal enum ScorecardAsked
{
    /// <summary>One was agreed to before, or waits for somebody; nothing was changed.</summary>
    IsThere,

    /// <summary>It is in force, since nobody else could agree to it; the ledger says so.</summary>
    InForce,

    /// <summary>It waits for a second person.</summary>
    Waits,
}

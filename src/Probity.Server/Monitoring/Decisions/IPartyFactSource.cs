using Probity.Monitoring;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Where monitoring learns what is known of the parties of a transaction. The composition root puts the module that
/// knows customers behind it. Thread safe.
/// </summary>
internal interface IPartyFactSource
{
    /// <summary>What is known now of both sides; a side that is nobody's here is <see cref="SideFacts.None"/>.</summary>
    Task<PartyFacts> OfAsync(Transaction transaction, CancellationToken cancellationToken);
}

/// <summary>Knows nobody: every rule is asked of both sides.</summary>
internal sealed class NoPartyFacts : IPartyFactSource
{
    public Task<PartyFacts> OfAsync(Transaction transaction, CancellationToken cancellationToken) =>
        Task.FromResult(PartyFacts.None);
}

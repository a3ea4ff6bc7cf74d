using Probity.Monitoring;

namespace Probity.Server.Monitoring.Messages;

/// <summary>A message as monitoring understands it.</summary>
/// <param name="Name">Which message, such as <c>pacs.008.001.08</c>.</param>
/// <param name="Id">What its sender calls it.</param>
/// <param name="Items">What it tells, in its order.</param>
internal sealed record PaymentMessage(string Name, string Id, IReadOnlyList<MessageItem> Items);

/// <summary>One thing a message tells.</summary>
/// <param name="Place">Where it stands in the message.</param>
internal abstract record MessageItem(string Place)
{
    /// <summary>
    /// A movement of money. References of ISO 20022 are not unique for all time, so it has names in the order of
    /// preference: the next one is taken where the one before names something else already.
    /// </summary>
    /// <param name="Place">Where it stands.</param>
    /// <param name="Transaction">What moved; its key is the first name.</param>
    /// <param name="OtherIds">The names after the first.</param>
    /// <param name="FollowsId">The name of the instruction it carries out; null for none.</param>
    internal sealed record Movement(
        string Place, Transaction Transaction, IReadOnlyList<string> OtherIds, string? FollowsId) : MessageItem(Place);

    /// <summary>What became of an earlier movement.</summary>
    /// <param name="Place">Where it stands.</param>
    /// <param name="Ids">Names the movement may have, in the order to look for them.</param>
    /// <param name="Status">The code, such as <c>ACSC</c> or <c>RJCT</c>.</param>
    /// <param name="IsTakenBack">Whether the movement counts no more.</param>
    /// <param name="Reason">Why, in codes; "" when not told.</param>
    internal sealed record Report(
        string Place, IReadOnlyList<string> Ids, string Status, bool IsTakenBack, string Reason) : MessageItem(Place);
}

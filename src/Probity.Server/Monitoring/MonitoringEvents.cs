namespace Probity.Server.Monitoring;

/// <summary>Types of the entries that monitoring leaves.</summary>
internal static class MonitoringEvents
{
    /// <summary>
    /// A transaction was judged. <c>data</c> holds transaction, facts and the record of the decision, packed.
    /// </summary>
    public const string Decided = "probity.monitoring.decided";

    /// <summary>A transaction counts no more. <c>data</c> holds its key, number and reason.</summary>
    public const string Reversed = "probity.monitoring.reversed";

    /// <summary>Rules went live at a number. <c>data</c> names documents, reference data and options.</summary>
    public const string RulesActivated = "probity.monitoring.rules.activated";

    /// <summary>A set of rules was stored as a draft.</summary>
    public const string RulesDrafted = "probity.monitoring.rules.drafted";

    /// <summary>An update pack was taken in as a draft. <c>data</c> names it, its signer and its changes.</summary>
    public const string PackImported = "probity.monitoring.rules.pack_imported";

    /// <summary>A rule flooded and was taken out of the set in force, or could not be.</summary>
    public const string RulePaused = "probity.monitoring.rules.paused";

    /// <summary>A set of rules that was agreed to is a draft again: another set went live since it was drawn.</summary>
    public const string RulesHeld = "probity.monitoring.rules.held";

    /// <summary>A set of rules was agreed to and goes live at its time.</summary>
    public const string RulesApproved = "probity.monitoring.rules.approved";

    /// <summary>Rules were tried on stored transactions.</summary>
    public const string RulesTried = "probity.monitoring.rules.tried";

    /// <summary>A transaction was judged and taken back: a dry run.</summary>
    public const string Evaluated = "probity.monitoring.evaluated";

    /// <summary>Stored transactions were read.</summary>
    public const string Read = "probity.monitoring.transaction.read";

    /// <summary>A payment message was received. <c>data</c> holds its exact bytes, packed, or a part of them.</summary>
    public const string MessageReceived = "probity.monitoring.message_received";

    /// <summary>Stored decisions were computed again.</summary>
    public const string Replayed = "probity.monitoring.replayed";
}

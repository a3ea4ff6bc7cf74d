namespace Probity.Server.Customers;

/// <summary>Types of the entries that customers leave.</summary>
internal static class CustomerEvents
{
    /// <summary>A customer was registered or changed. <c>data</c> holds the customer whole and which members changed;
    /// the person is the first target, under whose key all of it is.</summary>
    public const string Recorded = "probity.customers.recorded";

    /// <summary>What was left of an erased customer was removed.</summary>
    public const string Erased = "probity.customers.erased";

    /// <summary>One customer was read.</summary>
    public const string Read = "probity.customers.read";

    /// <summary>Customers were listed or searched.</summary>
    public const string Searched = "probity.customers.searched";

    /// <summary>A customer was rated. <c>data.record</c> holds facts, contributions and result, under the customer's
    /// key; with the scorecard it names it is computed again byte for byte.</summary>
    public const string Rated = "probity.customers.rated";

    /// <summary>A scorecard was drafted.</summary>
    public const string ScorecardDrafted = "probity.customers.scorecard_drafted";

    /// <summary>A scorecard was tried on customers, and somebody saw which of them would move.</summary>
    public const string ScorecardTried = "probity.customers.scorecard_tried";

    /// <summary>A scorecard was agreed to and rates from its time on.</summary>
    public const string ScorecardActivated = "probity.customers.scorecard_activated";

    /// <summary>A second person agreed to an override of a rating.</summary>
    public const string Overridden = "probity.customers.rating_overridden";

    /// <summary>An override ended, by its day or by another one.</summary>
    public const string OverrideEnded = "probity.customers.rating_override_ended";

    /// <summary>Stored ratings were computed again.</summary>
    public const string RatingsReplayed = "probity.customers.ratings_replayed";

    /// <summary>A review of a customer was completed.</summary>
    public const string Reviewed = "probity.customers.reviewed";

    /// <summary>A check of onboarding was recorded.</summary>
    public const string Checked = "probity.customers.checked";

    /// <summary>Two parties were related.</summary>
    public const string Linked = "probity.customers.linked";

    /// <summary>A relationship was taken back, or went with an erasure.</summary>
    public const string Unlinked = "probity.customers.unlinked";
}

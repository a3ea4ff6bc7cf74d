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
}

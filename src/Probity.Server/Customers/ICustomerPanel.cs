namespace Probity.Server.Customers;

/// <summary>
/// What a module to the right adds to the page of a customer: a component with the parameters <c>CustomerId</c>
/// (<c>cus_…</c>) and <c>ExternalId</c>. It judges for itself whether the caller may see it.
/// </summary>
internal interface ICustomerPanel
{
    /// <summary>Its place: smaller ones come first.</summary>
    int Order { get; }

    /// <summary>The component.</summary>
    Type Component { get; }
}

/// <summary>A component at a place.</summary>
internal sealed record CustomerPanel(int Order, Type Component) : ICustomerPanel;

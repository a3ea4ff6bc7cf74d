namespace Probity.Server.Customers.Pages;

/// <summary>How customers look on pages.</summary>
internal static class CustomerText
{
    /// <summary>Where a customer lives or is registered, else the first country; "" when none is known.</summary>
    public static string Country(CustomerDocument? customer) =>
        customer is null || customer.Countries.Count == 0 ? ""
        : (customer.Countries.FirstOrDefault(item => item.Kind is "residence" or "registration" or "incorporation")
            ?? customer.Countries[0]).Code;

    /// <summary>The class of a rating's badge.</summary>
    public static string Tone(string? rating) => rating switch
    {
        "high" => "bad",
        "medium" => "warn",
        "low" => "good",
        _ => "",
    };
}

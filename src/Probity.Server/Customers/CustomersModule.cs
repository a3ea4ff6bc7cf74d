using Probity.Server.Custody.Erasure;
using Probity.Server.Customers.Import;

namespace Probity.Server.Customers;

/// <summary>People and organisations the institution deals with.</summary>
internal static class CustomersModule
{
    public static void AddCustomers(this IServiceCollection services)
    {
        services.AddSingleton<CustomerSeal>();
        services.AddSingleton<CustomerWords>();
        services.AddSingleton<CustomerRegister>();
        services.AddSingleton<CustomerDesk>();
        services.AddSingleton<CustomerImport>();
        services.AddSingleton<IErasureStep, CustomerErasure>();
        services.AddSingleton(sp => new Lazy<IEnumerable<ICustomerWatch>>(sp.GetServices<ICustomerWatch>));
    }
}

using Probity.Server.Cases.Pages;
using Probity.Server.Customers;

namespace Probity.Server.Cases;

/// <summary>Work that engines raise.</summary>
internal static class CasesModule
{
    public static void AddCases(this IServiceCollection services)
    {
        services.AddSingleton<AlertDesk>();
        services.AddSingleton<AlertRegister>();
        services.AddSingleton<ICustomerPanel>(new CustomerPanel(10, typeof(CustomerAlerts)));
    }
}

namespace Probity.Server.Cases;

/// <summary>Work that engines raise.</summary>
internal static class CasesModule
{
    public static void AddCases(this IServiceCollection services)
    {
        services.AddSingleton<AlertDesk>();
        services.AddSingleton<AlertRegister>();
    }
}

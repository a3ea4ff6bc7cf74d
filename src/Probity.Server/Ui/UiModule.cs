using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Probity.Server.Access;
using Probity.Server.Ui.Layout;

namespace Probity.Server.Ui;

/// <summary>The pages: what they share, their files, and the endpoints that show them.</summary>
internal static class UiModule
{
    private const string AssetReason = "The product's own styles, scripts and fonts, the same in every installation";
    private const string Manifest = "probity.staticwebassets.endpoints.json";

    public static void AddUi(this IServiceCollection services)
    {
        services.AddSingleton<IAntiforgery, NoFormTokens>();
        services.AddRazorComponents(options => options.DetailedErrors = false);
        services.Configure<KeyManagementOptions>(options =>
        {
            // Pages hold no state that must outlive the process, so no key of theirs is written anywhere.
            options.XmlRepository = new KeysOfThisProcess();
            options.XmlEncryptor = new NullXmlEncryptor();
        });
        services.AddScoped<LedgerTier>();
    }

    public static void MapUi(this WebApplication app)
    {
        var pages = app.MapRazorComponents<App>();
        var manifest = Path.Combine(AppContext.BaseDirectory, Manifest);
        if (File.Exists(manifest))
        {
            app.MapStaticAssets(manifest).Public(AssetReason).RecordsNothing(AssetReason);
            pages.WithStaticAssets(manifest);
        }

        pages.Add(PageConventions.Declare);
    }
}

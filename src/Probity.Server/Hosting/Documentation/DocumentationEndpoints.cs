using System.Globalization;
using System.Net;
using System.Text;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Scalar.AspNetCore;

namespace Probity.Server.Hosting.Documentation;

/// <summary>The API description, the page that shows it, and the list of error codes. Nothing is loaded from elsewhere.</summary>
internal static class DocumentationEndpoints
{
    private const string Reason = "Documentation of the product, the same in every installation";
    private const string NoEntry = "Reading documentation touches no data";

    // Scalar's page starts with inline script and injects its styles; it loads and connects to this server only.
    private const string DocsPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private const string ErrorsPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly string s_errorsPage = ErrorsPage();

    public static void Map(IEndpointRouteBuilder root)
    {
        root.MapOpenApi("/openapi/{documentName}.json").Public(Reason).RecordsNothing(NoEntry);
        root.MapScalarApiReference("/docs", Configure)
            .WithMetadata(new PagePolicy(DocsPolicy)).Public(Reason).RecordsNothing(NoEntry);
        root.MapGet("/errors", static () => TypedResults.Text(s_errorsPage, "text/html", Encoding.UTF8))
            .WithMetadata(new PagePolicy(ErrorsPolicy)).Public(Reason).RecordsNothing(NoEntry).ExcludeFromDescription();
    }

    private static void Configure(ScalarOptions options)
    {
        options.Title = "Probity API";
        options.OpenApiRoutePattern = "/openapi/{documentName}.json";
        options.DisableDefaultFonts();
        options.DisableTelemetry();
        options.DisableAgent();
        options.DisableMcp();
        options.ProxyUrl = null;

        // Both lead to services of Scalar's maker.
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        options.HideClientButton = true;
    }

    private static string ErrorsPage()
    {
        var rows = new StringBuilder();
        foreach (var code in ErrorCodes.All)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<tr id=\"{code.Code}\"><td><code>{code.Code}</code><td>{code.Status}");
            rows.Append("<td>").Append(WebUtility.HtmlEncode(code.Title)).Append("<td>").Append(WebUtility.HtmlEncode(code.Remedy)).Append('\n');
        }

        return $$"""
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Probity: error codes</title>
            <style>body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color-scheme:light dark}
            td,th{padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top}tr:target{outline:2px solid}</style>
            <h1>Error codes</h1>
            <p>Every refusal is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
            <table><tr><th>code<th>status<th>what is wrong<th>what to do
            {{rows}}</table></html>
            """;
    }
}

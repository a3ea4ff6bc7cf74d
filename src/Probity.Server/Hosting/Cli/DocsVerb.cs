using System.CommandLine;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Cli;

/// <summary>Prints the reference pages that are written from the code: for whoever changes the code.</summary>
internal static class DocsVerb
{
    private static readonly string[] s_pages = ["errors", "environment", "permissions"];

    public static Command Build()
    {
        var page = new Argument<string>("PAGE") { HelpName = string.Join('|', s_pages) };
        page.AcceptOnlyFromAmong(s_pages);
        var verb = new Command("docs", "Print a reference page") { page };
        verb.Hidden = true;
        verb.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(page) switch
            {
                "errors" => ErrorReference.Markdown(),
                "permissions" => PermissionReference.Markdown(),
                _ => SettingsReport.Markdown(),
            });
            return ExitCode.Done;
        });
        return verb;
    }
}

using System.CommandLine;
using System.Text.Json;

namespace Probity.Server.Hosting.Cli;

internal static class VersionVerb
{
    public static Command Build()
    {
        var json = VerbOptions.Json();
        var verb = new Command("version", "Print the version") { json };
        verb.SetAction(parsed =>
        {
            var version = ProductVersion.Current;
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(version, CliJson.Options)
                : $"probity {version.Version} ({version.Revision ?? "no revision"}, {version.Runtime})");
            return ExitCode.Done;
        });
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class UpVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var verb = new Command("up", "Run the server") { VerbOptions.Data(), VerbOptions.Urls() };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.CreateKeys, (context, token) => ServerRun.RunAsync(bodies.Modules, context, token), cancellationToken));
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class LedgerCheckpointVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var verb = new Command("checkpoint", "Print the newest signed checkpoint; keep it outside to find a rollback later")
        {
            VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys, bodies.PrintCheckpoint, cancellationToken));
        return verb;
    }
}

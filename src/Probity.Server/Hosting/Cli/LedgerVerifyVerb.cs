using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class LedgerVerifyVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var against = new Option<string>("--against") { Description = "A checkpoint kept outside, to find what was cut off or rewritten", HelpName = "FILE" };
        var verb = new Command("verify", "Re-read every stored value and derive everything again; exit 0 sound, 1 tampered, 2 cannot tell")
        {
            against, VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.VerifyLedger(new VerifyRequest(parsed.GetValue(against)), context, token),
            cancellationToken));
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class LedgerVerifyVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var against = new Option<string>("--against") { Description = "A checkpoint kept outside, to find what was cut off or rewritten", HelpName = "FILE" };
        var rows = new Option<bool>("--rows") { Description = "Compare the rows of audited tables with their entries too" };
        var verb = new Command("verify", "Re-read every stored value and derive everything again; exit 0 sound, 1 tampered, 2 cannot tell")
        {
            against, rows, VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.VerifyLedger(new VerifyRequest(parsed.GetValue(against), parsed.GetValue(rows)), context, token),
            cancellationToken));
        return verb;
    }
}

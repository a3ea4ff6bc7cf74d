using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class LedgerExportVerb
{
    private static readonly string[] s_formats = ["tlog", "ndjson", "csv", "json", "pack"];

    public static Command Build(VerbBodies bodies)
    {
        var format = new Option<string>("--format") { Description = "What to write", HelpName = string.Join('|', s_formats), Required = true };
        format.AcceptOnlyFromAmong(s_formats);
        var target = new Option<string>("--output", "-o") { Description = "The file, or the folder for tlog [standard output]", HelpName = "PATH" };
        var from = new Option<long>("--from") { Description = "The first sequence number [0]", HelpName = "SEQ" };
        var to = new Option<long?>("--to") { Description = "The number after the last [the size of the ledger]", HelpName = "SEQ" };
        var filter = new Option<string>("--filter") { Description = "Only what matches, as in GET /api/v1/events", HelpName = "FILTER" };
        var verb = new Command("export", "Write the ledger out, to be read and checked without us")
        {
            format, target, from, to, filter, VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.ExportLedger(
                new ExportRequest(
                    parsed.GetValue(format) ?? "",
                    parsed.GetValue(target),
                    parsed.GetValue(from),
                    parsed.GetValue(to),
                    parsed.GetValue(filter)),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class EventsImportVerb
{
    private static readonly string[] s_formats =
        ["auto", "cloudtrail", "windows-security", "okta", "github", "kubernetes", "gcp", "ndjson"];

    public static Command Build(VerbBodies bodies)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files, folders and patterns", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format")
        {
            Description = "What the files are", HelpName = string.Join('|', s_formats), DefaultValueFactory = _ => "auto",
        };
        format.AcceptOnlyFromAmong(s_formats);
        var url = new Option<string>("--url") { Description = "Send to this server instead of the data folder", HelpName = "URL" };
        var key = new Option<string>("--key") { Description = "The API key for --url (others can see it in the process list: prefer --key-file)", HelpName = "KEY" };
        var keyFile = new Option<string>("--key-file") { Description = "A file that holds the API key for --url", HelpName = "FILE" };
        var quiet = new Option<bool>("--quiet") { Description = "Show no progress" };
        var verb = new Command("import", "Import foreign audit logs; can be interrupted and repeated without duplicates")
        {
            paths, format, VerbOptions.Data(), url, key, keyFile, quiet, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.ImportEvents(
                new ImportRequest(
                    parsed.GetValue(format) ?? "auto",
                    parsed.GetValue(paths) ?? [],
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile)),
                    parsed.GetValue(quiet)),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

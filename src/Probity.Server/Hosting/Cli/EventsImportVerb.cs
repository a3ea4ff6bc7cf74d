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
                    Remote(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile)),
                    parsed.GetValue(quiet)),
                context,
                token),
            cancellationToken));
        return verb;
    }

    private static ServerAddress? Remote(string? url, string? key, string? keyFile)
    {
        if (url is null)
        {
            return key is null && keyFile is null
                ? null
                : throw new ExpectedFaultException("--key and --key-file belong to --url.", "Add --url URL, or leave the key out.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ExpectedFaultException("--url is not an http:// or https:// URL.", "Use for example --url http://127.0.0.1:8080.");
        }

        return (key, keyFile) switch
        {
            ({ } given, null) => new ServerAddress(address, given.Trim()),
            (null, { } file) => new ServerAddress(address, ReadKey(file)),
            (null, null) => throw new ExpectedFaultException("--url needs a key.", "Add --key-file FILE or --key KEY."),
            _ => throw new ExpectedFaultException("--key and --key-file are given both.", "Give one of them."),
        };
    }

    private static string ReadKey(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException($"The key file {file} cannot be read.", "Correct the path or the rights of the file.", cause: fault);
        }
    }
}

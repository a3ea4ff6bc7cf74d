using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity transactions import</c>.</summary>
internal static class TransactionsVerb
{
    public static Command Build(VerbBodies bodies) => new("transactions", "Transactions") { Import(bodies) };

    private static Command Import(VerbBodies bodies)
    {
        var path = new Argument<string>("FILE")
        {
            Description = "A table with a header, or NDJSON when the name ends with .ndjson; .gz is read",
        };
        var mapping = new Option<string>("--mapping")
        {
            Description = "Which column holds which field, as JSON", HelpName = "FILE",
        };
        var source = new Option<string>("--source")
        {
            Description = "The source of rows that name none; with the id it names a transaction for all time [file]",
            HelpName = "NAME", DefaultValueFactory = static _ => "file",
        };
        var url = new Option<string>("--url")
        {
            Description = "Use this server instead of the data folder", HelpName = "URL",
        };
        var key = new Option<string>("--key")
        {
            Description = "The API key for --url (prefer --key-file)", HelpName = "KEY",
        };
        var keyFile = new Option<string>("--key-file")
        {
            Description = "A file that holds the API key for --url", HelpName = "FILE",
        };
        var verb = new Command(
            "import", "Judge and keep transactions; the same file again changes nothing; exit 2 when a row is refused")
        {
            path, mapping, source, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.ImportTransactions(
                new TransactionImportRequest(
                    parsed.GetValue(path) ?? "",
                    parsed.GetValue(mapping),
                    parsed.GetValue(source)!, // It has a default.
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

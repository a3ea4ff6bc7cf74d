using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity customers import</c>, <c>replay</c> and <c>scorecards draft</c>.</summary>
internal static class CustomersVerbs
{
    public static Command Build(VerbBodies bodies) => new("customers", "Customers")
    {
        Import(bodies), Replay(bodies), new Command("scorecards", "How customers are rated") { Draft(bodies) },
    };

    private static Command Draft(VerbBodies bodies)
    {
        var path = new Argument<string>("FILE")
        {
            Description = "The scorecard, JSON; or shipped for the one that comes with the product",
        };
        var note = new Option<string>("--note") { Description = "What it is about", HelpName = "TEXT" };
        var (url, key, keyFile) = Remote();
        var verb = new Command(
            "draft", "Store a draft; nobody is rated by it until a second person agrees. Exit 2 names every fault")
        {
            path, note, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.DraftScorecard(
                new ScorecardDraftRequest(
                    parsed.GetValue(path) ?? "", parsed.GetValue(note) ?? "",
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }

    private static Command Replay(VerbBodies bodies)
    {
        var (url, key, keyFile) = Remote();
        var verb = new Command("replay", "Compute stored ratings again, byte for byte; exit 1 on any difference")
        {
            VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.ReplayRatings(
                RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile)),
                context, token),
            cancellationToken));
        return verb;
    }

    private static (Option<string> Url, Option<string> Key, Option<string> KeyFile) Remote() => (
        new Option<string>("--url") { Description = "Use this server instead of the data folder", HelpName = "URL" },
        new Option<string>("--key")
        {
            Description = "The API key for --url (prefer --key-file)", HelpName = "KEY",
        },
        new Option<string>("--key-file")
        {
            Description = "A file that holds the API key for --url", HelpName = "FILE",
        });

    private static Command Import(VerbBodies bodies)
    {
        var path = new Argument<string>("FILE")
        {
            Description =
                "NDJSON, one customer a line, or a table with a header when the name ends with .csv; .gz is read",
        };
        var (url, key, keyFile) = Remote();
        var verb = new Command(
            "import", "Register customers, or change those there are; exit 2 when a line is refused")
        {
            path, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.ImportCustomers(
                new CustomerImportRequest(
                    parsed.GetValue(path) ?? "",
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

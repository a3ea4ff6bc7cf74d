using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity rules import</c>.</summary>
internal static class RulesVerb
{
    public static Command Build(VerbBodies bodies) => new("rules", "Monitoring rules") { Import(bodies) };

    private static Command Import(VerbBodies bodies)
    {
        var path = new Argument<string>("FILE") { Description = "A signed update pack" };
        var url = new Option<string>("--url")
        {
            Description = "Use this server instead of the data folder", HelpName = "URL",
        };
        var key = new Option<string>("--key") { Description = "The API key for --url", HelpName = "KEY" };
        var keyFile = new Option<string>("--key-file") { Description = "A file with that key", HelpName = "FILE" };
        var verb = new Command(
            "import",
            "Take in a signed update pack as a draft and say what it changes; back-tested and agreed to it goes live "
            + "on its day")
        {
            path, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.ImportRules(
                new RuleImportRequest(
                    parsed.GetValue(path) ?? "",
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity rules import</c> and <c>rebase</c>.</summary>
internal static class RulesVerb
{
    public static Command Build(VerbBodies bodies) => new("rules", "Monitoring rules")
    {
        Change(
            "import",
            "Take in a signed update pack as a draft and say what it changes; back-tested and agreed to it goes live "
            + "on its day",
            new Argument<string>("FILE") { Description = "A signed update pack" },
            (path, server, context, token) => bodies.ImportRules(new RuleImportRequest(path, server), context, token)),
        Change(
            "rebase",
            "Draw a draft anew on the set that is live, rule by rule, where another one went live since it was drawn; "
            + "exit 2 names the rules that both changed",
            new Argument<string>("RULE_SET") { Description = "The draft" },
            (set, server, context, token) => bodies.RebaseRules(new RuleRebaseRequest(set, server), context, token)),
    };

    private static Command Change(
        string name, string description, Argument<string> what,
        Func<string, ServerAddress?, VerbContext, CancellationToken, Task<int>> run)
    {
        var url = new Option<string>("--url")
        {
            Description = "Use this server instead of the data folder", HelpName = "URL",
        };
        var key = new Option<string>("--key") { Description = "The API key for --url", HelpName = "KEY" };
        var keyFile = new Option<string>("--key-file") { Description = "A file with that key", HelpName = "FILE" };
        var verb = new Command(name, description) { what, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json() };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => run(
                parsed.GetValue(what) ?? "",
                RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile)), context,
                token),
            cancellationToken));
        return verb;
    }
}

using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity lists load|status|diff</c>.</summary>
internal static class ListsVerbs
{
    public static Command Build(VerbBodies bodies) =>
        new("lists", "Sanctions lists") { Load(bodies), Status(bodies), Diff(bodies) };

    private static Command Load(VerbBodies bodies)
    {
        var paths = new Argument<string[]>(
            "PATH") { Description = "Files and folders; formats are found by content",
                Arity = ArgumentArity.OneOrMore };
        var accept = new Option<string[]>("--accept")
        {
            Description = "Accept findings of the list guard by their code, after looking at them", HelpName = "CODE",
            AllowMultipleArgumentsPerToken = true,
        };
        var wait = new Option<bool>("--no-activate") { Description = "Load only; make it live later" };
        return Remote(
            new Command(
                "load", "Load lists, show what differs, and make them live; exit 2 when one is refused") { paths,
                    accept, wait },
            bodies, SettingsUse.CreateKeys, (parsed, server) => new ListsRequest.Load(
                parsed.GetValue(paths) ?? [], parsed.GetValue(accept) ?? [], !parsed.GetValue(wait), server));
    }

    private static Command Status(VerbBodies bodies) => Remote(
        new Command("status", "What is live, what waits, how fresh it is"),
        bodies, SettingsUse.ReadKeys, static (_, server) => new ListsRequest.Status(server));

    private static Command Diff(VerbBodies bodies)
    {
        var list = new Argument<string>("LIST") { Description = "The list, for example us_ofac_sdn" };
        var from = new Option<string>("--from") { Description = "A version [the live one]", HelpName = "VERSION" };
        var to = new Option<string>("--to") { Description = "A version [the one loaded last]", HelpName = "VERSION" };
        return Remote(
            new Command("diff", "What differs between two versions: new, gone, changed field by field") { list, from,
                to },
            bodies, SettingsUse.ReadKeys, (parsed, server) => new ListsRequest.Diff(
                parsed.GetValue(list) ?? "", parsed.GetValue(from), parsed.GetValue(to), server));
    }

    private static Command Remote(
        Command verb, VerbBodies bodies, SettingsUse use, Func<ParseResult, ServerAddress?, ListsRequest> request)
    {
        var url =
            new Option<string>(
                "--url") { Description = "Use this server instead of the data folder", HelpName = "URL" };
        var key =
            new Option<string>("--key") { Description = "The API key for --url (prefer --key-file)", HelpName = "KEY" };
        var keyFile =
            new Option<string>(
                "--key-file") { Description = "A file that holds the API key for --url", HelpName = "FILE" };
        foreach (var option in (Option[])[VerbOptions.Data(), url, key, keyFile, VerbOptions.Json()])
        {
            verb.Options.Add(option);
        }

        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            use,
            (context, token) => bodies.Lists(
                request(parsed,
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }
}

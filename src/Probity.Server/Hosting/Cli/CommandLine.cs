using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Cli;

/// <summary>The command <c>probity</c>: every verb is one file beside this one.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, VerbBodies bodies, TextWriter? output = null, TextWriter? error = null)
    {
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        };
        var parsed = Build(bodies).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var fault in parsed.Errors)
            {
                await invocation.Error.WriteLineAsync($"probity: {fault.Message}");
            }

            await invocation.Error.WriteLineAsync($"    fix:  see `{Path(parsed.CommandResult.Command)} --help`");
            return ExitCode.CannotTell;
        }

        return await parsed.InvokeAsync(invocation);
    }

    public static RootCommand Build(VerbBodies bodies)
    {
        var root = new RootCommand("Probity: an audit trail that can be proven to someone who does not trust its operator")
        {
            UpVerb.Build(bodies),
            MigrateVerb.Build(bodies),
            DoctorVerb.Build(bodies),
            new Command("events", "Events") { EventsImportVerb.Build(bodies) },
            new Command("ledger", "The ledger")
            {
                LedgerVerifyVerb.Build(bodies), LedgerExportVerb.Build(bodies), LedgerCheckpointVerb.Build(bodies),
            },
            CustodyVerbs.BuildKeys(bodies),
            CustodyVerbs.BuildBackup(bodies),
            CustomersVerbs.Build(bodies),
            TransactionsVerb.Build(bodies),
            SampleVerb.Build(bodies),
            ListsVerbs.Build(bodies),
            ScreenVerb.Build(bodies),
            MonitorVerb.Build(bodies),
            RulesVerb.Build(bodies),
            VersionVerb.Build(),
            DocsVerb.Build(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        if (help.Action is HelpAction usual)
        {
            help.Action = new HelpWithEnvironment(usual);
        }

        return root;
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
            ? $"probity {parent.Name} {command.Name}"
            : command is RootCommand ? "probity" : $"probity {command.Name}";

    /// <summary>The usual help, and the environment variables after that of the verbs that heed them all.</summary>
    private sealed class HelpWithEnvironment(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is RootCommand or { Name: "up" or "doctor" })
            {
                SettingsReport.WriteHelp(parseResult.InvocationConfiguration.Output);
            }

            return code;
        }
    }
}

using System.CommandLine;
using System.Globalization;
using Probity.Server.Monitoring.Backtest;
using Probity.Server.Monitoring.Input;
using Probity.Server.Monitoring.Replay;

namespace Probity.Server.Hosting.Cli;

internal static class MonitorVerb
{
    public static Command Build(VerbBodies bodies) =>
        new("monitor", "Rules over transactions") { Backtest(bodies), Replay(bodies) };

    private static Command Backtest(VerbBodies bodies)
    {
        var transactions = File("--transactions",
            "A table: transaction_id, occurred_at, debtor_account, creditor_account, amount, currency, type, and more");
        var rules = new Option<string>("--rules")
        {
            Description = "A folder of rules, one JSON document a file, or \"default\" for those that ship [default]",
            HelpName = "DIR", DefaultValueFactory = static _ => RuleFolder.Shipped,
        };
        var customers = File("--customers", "A table: customer_id, account_id, rating, segment, country, and more");
        var alerts = File("--out",
            "The table to write: alert_id, transaction_id, account, customer, time, rule, score, contributions");
        var mapping = File("--mapping", "Which column holds which field, as JSON");
        var reference = File("--reference", "Lists, thresholds, calendars and rates, as JSON [those that ship]");
        var law = new Option<string>("--jurisdiction") { Description =
            "The law of accounts that none is known of; any asks the rules of every law [US with the shipped rules]",
            HelpName = "CC" };
        var threshold = new Option<string>("--threshold") { Description =
            "The score from which an alert is raised, above 0 to 1 [0.7]", HelpName = "X" };
        var verb = new Command("backtest", "Judge a table of transactions, without a server")
        {
            transactions, rules, customers, alerts, mapping, reference, law, threshold,
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.GuardAsync(
            parsed.InvocationConfiguration.Error,
            () => bodies.Backtest(
                new BacktestRequest(
                    Required(parsed.GetValue(transactions), "--transactions FILE"),
                    parsed.GetValue(rules)!, // It has a default.
                    parsed.GetValue(customers),
                    Required(parsed.GetValue(alerts), "--out alerts.csv"),
                    parsed.GetValue(mapping),
                    parsed.GetValue(reference),
                    Law(parsed.GetValue(law), parsed.GetValue(rules)!),
                    Threshold(parsed.GetValue(threshold))),
                parsed.InvocationConfiguration.Error,
                cancellationToken)));
        return verb;
    }

    private static Command Replay(VerbBodies bodies)
    {
        var from = Bound("--from", "The first entry, or the first day or instant [the beginning]");
        var to = Bound("--to", "The last entry, or the first day or instant no more [the newest]");
        var url = new Option<string>("--url")
        {
            Description = "A server that replays its own decisions", HelpName = "URL",
        };
        var key = new Option<string>("--key") { Description = "The API key for --url", HelpName = "KEY" };
        var keyFile = new Option<string>("--key-file") { Description = "A file with that key", HelpName = "FILE" };
        var verb = new Command("replay", "Compute stored decisions again, byte for byte; exit 1 on any difference")
        {
            VerbOptions.Data(), url, key, keyFile, from, to, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.ReplayDecisions(
                new ReplayDecisionsRequest(
                    Range(parsed.GetValue(from), parsed.GetValue(to)),
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context, token),
            cancellationToken));
        return verb;
    }

    private static Option<string> Bound(string name, string description) =>
        new(name) { Description = description, HelpName = "SEQ|TIME" };

    private static ReplayRange Range(string? from, string? to)
    {
        var (first, since) = ReadBound(from, "--from");
        var (last, until) = ReadBound(to, "--to");
        return new ReplayRange(first, last, since, until);
    }

    private static (long? Seq, DateTimeOffset? Time) ReadBound(string? text, string option)
    {
        if (text is null)
        {
            return (null, null);
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
        {
            return (seq, null);
        }

        try
        {
            return (null, InputText.Instant(text, option));
        }
        catch (InputRefusedException)
        {
            throw new ExpectedFaultException(
                $"{option} is neither a number of an entry nor a time.",
                "Write 1200, 2026-03-02 or 2026-03-02T15:00:00Z.");
        }
    }

    private static Option<string> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };

    private static string Required(string? value, string option) =>
        value is { Length: > 0 } ? value : throw new ExpectedFaultException(
            $"{option.Split(' ')[0]} is missing.", $"Add {option}.");

    // The shipped rules come in variants of several laws; without facts of accounts one is meant, not all at once.
    private static string? Law(string? text, string rules) => text switch
    {
        null => rules == RuleFolder.Shipped ? "US" : null,
        "any" => null,
        { Length: 2 } when text.All(char.IsAsciiLetterUpper) => text,
        _ => throw new ExpectedFaultException(
            "--jurisdiction is no country.", "Write two capitals of ISO 3166-1, or any."),
    };

    private static decimal Threshold(string? text) =>
        text is null ? 0.7m
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value is > 0 and <= 1
            ? value
            : throw new ExpectedFaultException(
                "--threshold is no number above 0 to 1.", "Use for example --threshold 0.8.");
}

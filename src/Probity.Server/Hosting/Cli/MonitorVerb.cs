using System.CommandLine;
using System.Globalization;
using Probity.Server.Monitoring.Backtest;

namespace Probity.Server.Hosting.Cli;

internal static class MonitorVerb
{
    public static Command Build(VerbBodies bodies) =>
        new("monitor", "Rules over transactions") { Backtest(bodies) };

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

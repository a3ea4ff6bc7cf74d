using System.CommandLine;
using System.Globalization;
using Probity.Server.Screening.Batch;
using Probity.Server.Screening.Replay;

namespace Probity.Server.Hosting.Cli;

internal static class ScreenVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var lists = new Option<string>("--lists") { Description =
            "A folder (searched) or file with sanctions lists; formats are recognised", HelpName = "DIR" };
        var queries = In("A table: id, name, type, dob, country, identifier, ignore_listed_name");
        var results = Out("The table to write: id, rank, list, entity_uid, matched_name, score, name_score, "
            + "verdict, explanation");
        var threshold = new Option<string>("--threshold") { Description =
            "The score from which a match is written, 0 to 1 [0.7]", HelpName = "X" };
        var verb = new Command("screen", "Screen a table against sanctions lists, without a server")
        {
            lists, queries, results, threshold, Pairs(bodies), Replay(bodies),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.GuardAsync(
            parsed.InvocationConfiguration.Error,
            () => bodies.Screen(
                new ScreenRequest(
                    Required(parsed.GetValue(lists), "--lists DIR"),
                    Required(parsed.GetValue(queries), "--in queries.csv"),
                    Required(parsed.GetValue(results), "--out results.csv"),
                    Threshold(parsed.GetValue(threshold))),
                parsed.InvocationConfiguration.Error,
                cancellationToken)));
        return verb;
    }

    private static Command Pairs(VerbBodies bodies)
    {
        var pairs = In("A table: id, query, query_type, dob, country, candidate, candidate_dob, candidate_country");
        var scores = Out("The table to write: id, score, verdict, explanation");
        var verb = new Command("pairs", "Score name against name") { pairs, scores };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.GuardAsync(
            parsed.InvocationConfiguration.Error,
            () => bodies.ScreenPairs(
                new ScreenPairsRequest(Required(parsed.GetValue(pairs), "--in pairs.csv"),
                    Required(parsed.GetValue(scores), "--out scores.csv")),
                parsed.InvocationConfiguration.Error,
                cancellationToken)));
        return verb;
    }

    private static Command Replay(VerbBodies bodies)
    {
        var from = new Option<long>("--from") { Description = "The first entry [0]", HelpName = "SEQ" };
        var to = new Option<long?>("--to") { Description = "The last entry [the newest]", HelpName = "SEQ" };
        var verb = new Command("replay", "Ask every stored question again and compare; exit 1 on any difference")
        {
            VerbOptions.Data(), from, to, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.ReadKeys,
            (context, token) => bodies.ReplayScreening(
                new ReplayRequest(parsed.GetValue(from), parsed.GetValue(to) ?? long.MaxValue), context, token),
            cancellationToken));
        return verb;
    }

    private static Option<string> In(string description) => new("--in") { Description = description, HelpName = "FILE" };

    private static Option<string> Out(string description) => new("--out") { Description = description,
        HelpName = "FILE" };

    private static string Required(string? value, string option) =>
        value is { Length: > 0 } ? value : throw new ExpectedFaultException($"{option.Split(' ')[0]} is missing.",
            $"Add {option}.");

    private static int? Threshold(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var value) && value is >= 0 and <= 1
            ? (int)decimal.Round(value * 10000, MidpointRounding.AwayFromZero)
            : throw new ExpectedFaultException($"--threshold {text} is no number from 0 to 1.",
                "Use for example --threshold 0.8.");
    }
}

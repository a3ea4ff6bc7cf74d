using System.CommandLine;
using System.Globalization;

namespace Probity.Server.Hosting.Cli;

/// <summary><c>probity sample</c>.</summary>
internal static class SampleVerb
{
    private const int LeastDays = 30;
    private const int MostDays = 365;

    public static Command Build(VerbBodies bodies)
    {
        var days = new Option<string>("--days")
        {
            Description = $"How many days back, {LeastDays} to {MostDays} [90]", HelpName = "N",
        };
        var seed = new Option<string>("--seed")
        {
            Description = "Another seed is another bank [1]", HelpName = "N",
        };
        var url = new Option<string>("--url")
        {
            Description = "Use this server instead of the data folder", HelpName = "URL",
        };
        var key = new Option<string>("--key") { Description = "The API key for --url", HelpName = "KEY" };
        var keyFile = new Option<string>("--key-file") { Description = "A file with that key", HelpName = "FILE" };
        var verb = new Command(
            "sample",
            "Fill in an invented bank: customers, some 25,000 transactions up to yesterday, every typology once true "
            + "and once as a near miss, and people who are like somebody on a list")
        {
            days, seed, VerbOptions.Data(), url, key, keyFile, VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.MakeSample(
                new SampleVerbRequest(
                    Days(parsed.GetValue(days)),
                    Seed(parsed.GetValue(seed)),
                    RemoteOptions.Address(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(keyFile))),
                context,
                token),
            cancellationToken));
        return verb;
    }

    private static int Days(string? text) =>
        text is null ? 90
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is >= LeastDays and <= MostDays
            ? days
            : throw new ExpectedFaultException(
                $"--days is no number from {LeastDays} to {MostDays}.", "Use for example --days 90.");

    private static ulong Seed(string? text) =>
        text is null ? 1
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new ExpectedFaultException("--seed is no whole number.", "Use for example --seed 7.");
}

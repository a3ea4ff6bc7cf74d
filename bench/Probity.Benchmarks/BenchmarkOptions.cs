using System.Globalization;
using Probity.Hammer;

namespace Probity.Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Stores">"sqlite", "postgres", in the order they are measured.</param>
/// <param name="Entries">Entries of the log that proofs, start and verification are measured on.</param>
/// <param name="Rounds">How often each measurement is repeated; medians are reported.</param>
/// <param name="Window">How long one measurement lasts.</param>
internal sealed record BenchmarkOptions(IReadOnlyList<string> Stores, int Entries, int Rounds, TimeSpan Window)
{
    /// <summary>How many registered customers the delta of a list is looked up among; 0 measures the stores
    /// instead.</summary>
    public int DeltaCustomers { get; init; }

    /// <summary>The only thing to measure, "append" or "log"; null for both.</summary>
    public string? Only { get; init; }

    /// <summary>How many accounts the monitoring engine is measured with; 0 measures something else.</summary>
    public int MonitoringAccounts { get; init; }

    /// <summary>Whether the engine alone is measured, and not the server.</summary>
    public bool IsEngineOnly { get; init; }

    /// <summary>Whether the server is measured, and not the engine alone.</summary>
    public bool IsServerOnly { get; init; }

    /// <summary>How many accounts the world has whose laundering is sought; 0 measures something else.</summary>
    public int DetectionAccounts { get; init; }

    /// <summary>The seed of a generated world.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many rings of each typology the world makes of its own; 0 for one in 10,000 accounts.</summary>
    public int OwnRings { get; init; }

    /// <summary>A gzip file of AMLworld rings to place into the world, or null.</summary>
    public string? Rings { get; init; }

    /// <summary>How many packed transactions a start of monitoring is measured with; 0 measures something
    /// else.</summary>
    public int Restarted { get; init; }

    /// <summary>How many transactions one account of the measured server gets first; 0 for none.</summary>
    public int Hot { get; init; }

    /// <summary>Where the data of the measured server stays for another run; null removes it.</summary>
    public string? Folder { get; init; }

    public const string Usage = "Probity.Benchmarks [--quick] [--store sqlite|postgres|all] "
        + "[--only append|log] [--entries N] "
        + "[--delta [--customers N]] [--monitoring [--engine|--server [--folder DIR] [--hot N]|--restart N] "
        + "[--accounts N]] "
        + "[--detection [--accounts N] [--seed N] [--own-rings N] [--rings FILE]]";

    private const int MaxEntries = 100_000_000;
    private static readonly string[] s_all = ["sqlite", "postgres"];

    public static BenchmarkOptions Parse(string[] args)
    {
        var (quick, store, entries, customers, isDelta) = (false, "all", 0, 1_000_000, false);
        var (accounts, isMonitoring, isDetection, seed) = (100_000, false, false, 1);
        var (isEngineOnly, isServerOnly, restarted, hot) = (false, false, 0, 0);
        var ownRings = 0;
        string? rings = null;
        string? folder = null;
        string? only = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--store" when i + 1 < args.Length:
                    store = args[++i];
                    break;
                case "--entries" when i + 1 < args.Length:
                    entries = Number(args[++i]);
                    break;
                case "--only" when i + 1 < args.Length && args[i + 1] is "append" or "log":
                    only = args[++i];
                    break;
                case "--delta":
                    isDelta = true;
                    break;
                case "--monitoring":
                    isMonitoring = true;
                    break;
                case "--engine":
                    isEngineOnly = true;
                    break;
                case "--server":
                    isServerOnly = true;
                    break;
                case "--detection":
                    isDetection = true;
                    break;
                case "--accounts" when i + 1 < args.Length:
                    accounts = Number(args[++i]);
                    break;
                case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], out seed):
                    i++;
                    break;
                case "--restart" when i + 1 < args.Length:
                    restarted = Number(args[++i]);
                    break;
                case "--hot" when i + 1 < args.Length:
                    hot = Number(args[++i]);
                    break;
                case "--folder" when i + 1 < args.Length:
                    folder = args[++i];
                    break;
                case "--own-rings" when i + 1 < args.Length && int.TryParse(args[i + 1], out ownRings)
                    && ownRings is >= 1 and <= 1_000:
                    i++;
                    break;
                case "--rings" when i + 1 < args.Length:
                    rings = args[++i];
                    break;
                case "--customers" when i + 1 < args.Length:
                    customers = Number(args[++i]);
                    break;
                default:
                    throw new UsageException($"'{args[i]}' is not an option, or lacks its value.");
            }
        }

        if (store != "all" && !s_all.Contains(store))
        {
            throw new UsageException("--store is sqlite, postgres or all.");
        }

        return new BenchmarkOptions(
            store == "all" ? s_all : [store],
            entries > 0 ? entries : quick ? 100_000 : 1_000_000,
            quick ? 3 : 7,
            TimeSpan.FromMilliseconds(quick ? 250 : 500))
        {
            DeltaCustomers = isDelta ? customers : 0,
            MonitoringAccounts = isMonitoring ? accounts : 0,
            DetectionAccounts = isDetection ? accounts : 0,
            IsEngineOnly = isEngineOnly,
            IsServerOnly = isServerOnly,
            Seed = seed,
            OwnRings = ownRings,
            Rings = rings,
            Folder = folder,
            Restarted = restarted,
            Hot = hot,
            Only = only,
        };
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is >= 1_000 and <= MaxEntries
            ? number
            : throw new UsageException($"--entries, --customers and --accounts are numbers from 1000 to {MaxEntries}.");
}

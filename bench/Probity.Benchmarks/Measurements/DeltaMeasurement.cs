using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Probity.Hammer;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Diff;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Customers;
using Probity.Server.Screening.Continuous;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// How long the last real delta of the UN list takes to be looked up among registered customers, by an engine that has
/// just gone live. Customers have a given and a family name drawn from the engine's own table, common ones more often
/// than it says (the square of their share), as in a bank of one country; every hundredth has the name of the UN list
/// with a letter wrong. Needs <c>PROBITY_SHARED_DATA</c>.
/// </summary>
internal static class DeltaMeasurement
{
    private const int Segment = 250_000;
    private const int Entries = 5;

    public static JsonObject Run(int customers, int rounds)
    {
        var (before, after) = (Un("2025-11-20"), Un("2026-02-27"));
        var diff = ListDiff.Between(before, after);
        List<ListedEntity> delta = [.. diff.Added.Concat(diff.Changed.Select(change => change.After))
            .Concat(after.Entities.Reverse()).DistinctBy(entity => entity.Uid).Take(Entries)];
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var index = Build(customers, after);
        var build = clock.Elapsed;
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        var live = ScreeningEngine.Build([after]);

        // Not counted: the first warms up.
        var found = index.Find(delta, live, CancellationToken.None).Count;
        var (times, processor) = (new List<double>(), new List<double>());
        for (var i = 0; i < Math.Max(rounds, 5); i++)
        {
            // A list that goes live comes with an engine of its own, whose words nobody has weighed yet.
            live = ScreeningEngine.Build([after]);
            GC.Collect(); // What building it left behind is not part of the look-up.
            var used = Environment.CpuUsage.TotalTime;
            clock.Restart();
            index.Find(delta, live, CancellationToken.None);
            times.Add(clock.Elapsed.TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }

        times.Sort();
        processor.Sort();
        return new JsonObject
        {
            ["customers"] = customers,
            ["entries"] = delta.Count,
            ["names"] = delta.Sum(entity => entity.Names.Length),
            ["proposed"] = found,
            ["median_ms"] = Math.Round(times[times.Count / 2], 1),
            ["worst_ms"] = Math.Round(times[^1], 1),
            ["processor_ms"] = Math.Round(processor[processor.Count / 2], 1),
            ["build_s"] = Math.Round(build.TotalSeconds, 1),
            ["memory_mb"] = memory >> 20,
        };
    }

    private static CustomerIndex Build(int customers, ScreeningList un)
    {
        var index = new CustomerIndex();
        var names = new Names();
        var listed = un.Entities.Where(entity => entity.Kind == EntityKind.Person).ToList();
        for (var from = 0; from < customers; from += Segment)
        {
            index.AddSegment([.. Enumerable.Range(from, Math.Min(Segment, customers - from)).Select(i =>
                CustomerQuestions.Indexed(
                    i.ToString("cus_0000000", CultureInfo.InvariantCulture),
                    Customer(i % 100 == 0 ? Wrong(listed[i / 100 % listed.Count].Names[0].Full) : names.Next())))]);
            BenchmarkRun.Say(string.Create(CultureInfo.InvariantCulture, $"{index.Count} customers in memory"));
        }

        return index;
    }

    private static string Wrong(string name) => name.Length > 4 ? name.Remove(3, 1) : name;

    private static CustomerDocument Customer(string name) => new()
    {
        ExternalId = "c", Kind = "person", Names = [new CustomerName(name, "primary")],
    };

    private static ScreeningList Un(string day)
    {
        var data = Environment.GetEnvironmentVariable("PROBITY_SHARED_DATA")
            ?? throw new UsageException("PROBITY_SHARED_DATA names the folder with the lists.");
        var path = Path.Combine(data, "lists", "un_consolidated", $"un_consolidated_{day}.xml.gz");
        var source = ListReader.Find([ListFile.Of(Path.GetFileName(path), File.ReadAllBytes(path))]).Single();
        return ListReader.Read(source) is ListReadResult.Accepted read
            ? read.List : throw new UsageException($"{path} is refused.");
    }

    /// <summary>Names drawn by their frequency, the same on every machine.</summary>
    private sealed class Names
    {
        private readonly List<(string Word, double Upto)> _given = [];
        private readonly List<(string Word, double Upto)> _family = [];
        private ulong _state = 88_172_645_463_325_252;

        public Names()
        {
            var assembly = typeof(ScreeningEngine).Assembly;
            using var stream = assembly.GetManifestResourceStream("Probity.Screening.Data.names.txt")
                ?? throw new UsageException("The table of names is not in this build.");
            using var text = new StreamReader(stream);
            while (text.ReadLine() is { } line)
            {
                var cells = line.Split('\t');
                if (cells.Length == 3 && line[0] != '#')
                {
                    Add(_given, cells[0], cells[1]);
                    Add(_family, cells[0], cells[2]);
                }
            }
        }

        public string Next() => $"{Draw(_given)} {Draw(_family)}";

        // A row tells halves of bits: a word of 24 is one in 4,096 of its locale.
        private static void Add(List<(string Word, double Upto)> words, string word, string bits)
        {
            if (int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var rarity))
            {
                words.Add((word, (words.Count == 0 ? 0 : words[^1].Upto) + Math.Pow(2, -rarity)));
            }
        }

        private string Draw(List<(string Word, double Upto)> words)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            var at = (_state >> 11) / (double)(1UL << 53) * words[^1].Upto;
            var (low, high) = (0, words.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = words[middle].Upto < at ? (middle + 1, high) : (low, middle);
            }

            return words[low].Word;
        }
    }
}

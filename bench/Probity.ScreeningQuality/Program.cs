using System.Diagnostics;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.ScreeningQuality;

var data = Environment.GetEnvironmentVariable("PROBITY_SHARED_DATA") ?? "shared/data";
var clock = Stopwatch.StartNew();
var sdn = Loading.Ofac(Path.Combine(data, "lists/us_ofac_sdn/2021-07"));
var un = Loading.Un(Path.Combine(data, "lists/un_consolidated/un_consolidated_2026-02-27.xml.gz"));
Console.WriteLine($"read {sdn.Entities.Length} + {un.Entities.Length} in {clock.ElapsedMilliseconds} ms");
clock.Restart();
var options = Tuning.Options(args);
var engine = ScreeningEngine.Build(args.Contains("--un") ? [un] : [sdn], options);
Console.WriteLine($"built {engine.NameCount} names in {clock.ElapsedMilliseconds} ms, {GC.GetTotalMemory(true) >> 20} MB");
if (Array.IndexOf(args, "--try") is var from and >= 0)
{
    Try.Run(engine, args[(from + 1)..], args.Contains("--org") ? EntityKind.Organisation : EntityKind.Person);
    return;
}

var each = Tuning.Number(args, "each", 300);
if (args.Contains("--speed"))
{
    clock.Restart();
    var all = ScreeningEngine.Build(
        new[] { "us_ofac_sdn/2021-07", "us_csl", "us_ofac_consolidated/2025-01_enhanced_xml",
            "un_consolidated/un_consolidated_2026-02-27.xml.gz",
            "uk_ofsi_conlist", "eu_fsf_sample", "us_bis_dpl/dpl_2021-07.txt",
                "crypto" }.SelectMany(path => Loading.All(Path.Combine(data, "lists", path))),
        options);
    var loaded = clock.ElapsedMilliseconds;
    if (Array.IndexOf(args, "--answers") is var path and >= 0)
    {
        Console.WriteLine($"{Answers.Write(all, sdn, un, args[path + 1])} answers");
        return;
    }

    Report.Speed(all, [.. Innocents.Persons(each, 11).Values.SelectMany(names => names)], loaded);
    return;
}

if (args.Contains("--report"))
{
    Report.Write(
        engine, [.. sdn.Entities.Where(entity => !Probes.IsTraining(entity))], un,
        "OFAC SDN 2021-07, held-out half", each);
    return;
}

var isHeldOut = args.Contains("--held-out");
var half = sdn.Entities.Where(entity => Probes.IsTraining(entity) != isHeldOut).ToArray();
foreach (var kind in args.Contains("--only-native") ? [] : (EntityKind[])[EntityKind.Person, EntityKind.Organisation])
{
    if (args.Contains(kind == EntityKind.Person ? "--only-organisations" : "--only-persons"))
    {
        continue;
    }

    clock.Restart();
    // Other people than those of the report: what is set here is measured there.
    var many = Tuning.Number(args, "innocents", each * 2);
    string[] locales = Array.IndexOf(args, "--locales") is var named and >= 0 ? args[named + 1].Split(',') : [];
    var seeds = ((int[])[17, 27, 37]).Take(Tuning.Number(args, "seeds", 1)).ToArray();
    var innocents = Measuring.Run(engine, [.. seeds.SelectMany(seed => Probes.OfInnocents(
        kind == EntityKind.Person ? Innocents.Persons(many, seed) : Innocents.Companies(many, seed), kind))
        .Where(probe => locales.Length == 0 || locales.Contains(probe.Group))]);
    Console.WriteLine($"== {kind}: {innocents.Length} innocents in {clock.ElapsedMilliseconds} ms");
    var isNative = (Measured row) =>
        row.Probe.Group is "ar" or "fa" or "ge" or "ja" or "ko" or "zh_CN" or "zh_TW" or "ru" or "uk" or "el";
    var latin = innocents.Where(row => !isNative(row)).ToArray();
    var mutations = Measuring.Run(engine, Probes.Mutated(half, kind, each, 3));
    var aliases = Measuring.Run(engine, Probes.Aliases(half, kind, 6000));
    var hard = Measuring.Run(engine, Probes.Aliases(half, kind, 6000, false));
    Console.WriteLine($"   {mutations.Length} mutations, {aliases.Length} aliases, {hard.Length} hard aliases in {clock.ElapsedMilliseconds} ms");
    void Line(string label, int threshold) => Console.WriteLine(
        $"{label,16} @{threshold}: mutations {Measuring.Share(mutations, threshold):P2} aliases {Measuring.Share(aliases, threshold):P2} "
        + $"hard {Measuring.Share(hard, threshold):P2} innocents {Measuring.Share(latin, threshold):P2}");
    Line("default", options.Threshold);
    Console.WriteLine($"   all scripts: default {Measuring.Share(innocents, options.Threshold):P2}, "
        + string.Join(", ", new[] { 0.01, 0.005, 0.002 }
            .Select(share => $"{share:P1} @{Measuring.ThresholdAt(innocents, share)}")));
    foreach (var share in (double[])[0.02, 0.01, 0.005, 0.002, 0.001])
    {
        Line($"{share:P1} innocents", Measuring.ThresholdAt(latin, share));
    }

    if (args.Contains("--curve"))
    {
        foreach (var point in Enumerable.Range(0, 11).Select(i => 4000 + (i * 400)))
        {
            Line("curve", point);
            Console.WriteLine("      " + string.Join(", ", innocents.GroupBy(row => row.Probe.Group)
                .Select(group => (group.Key, Share: Measuring.Share([.. group], point)))
                .OrderByDescending(row => row.Share).Take(6).Select(row => $"{row.Key} {row.Share:P1}")));
        }
    }

    var at = options.Threshold;
    Console.WriteLine("   kinds: " + string.Join(", ", mutations.GroupBy(row => row.Probe.Group)
        .Select(group => (group.Key, Share: Measuring.Share([.. group],
            at))).Where(row => row.Share < 0.995).OrderBy(row => row.Share)
        .Select(row => $"{row.Key} {row.Share:P1}")));
    Console.WriteLine("   populations: " + string.Join(", ", innocents.GroupBy(row => row.Probe.Group)
        .Select(group => (group.Key, Share: Measuring.Share([.. group],
            at))).OrderByDescending(row => row.Share).Take(14)
        .Select(row => $"{row.Key} {row.Share:P1}")));
    if (args.Contains("--show"))
    {
        Show.Some("missed", mutations.Where(row => row.Score < options.Threshold), 60);
        Show.Some("missed", aliases.Where(row => row.Score < options.Threshold), 90);
        Show.Some("innocent", innocents.Where(row => row.Score >= options.Threshold), 90);
    }
}

if (!args.Contains("--no-native"))
{
    var plain = ScreeningEngine.Build([Loading.LatinOnly(un)], options);
    var native = Measuring.Run(plain, Probes.Native(un.Entities));
    var innocents = Measuring.Run(plain, Probes.OfInnocents(Innocents.Persons(600, 17), EntityKind.Person));
    foreach (var script in (string[])["Arabic", "Cyrillic", "Han", "Hangul"])
    {
        string[] locales = script switch { "Arabic" => ["ar", "fa"], "Cyrillic" => ["ru", "uk"], "Han" => ["zh_CN",
            "zh_TW"], _ => ["ko"] };
        var same = innocents.Where(row => locales.Contains(row.Probe.Group)).ToArray();
        var named = native.Where(row => row.Probe.Group == script).ToArray();
        var at = Measuring.ThresholdAt(same, 0.01);
        Console.WriteLine($"native {script}: {named.Length} names, at 1% @{at} {Measuring.Share(named, at):P1}; default {Measuring.Share(named, options.Threshold):P1} innocents {Measuring.Share(same, options.Threshold):P2}");
        if (args.Contains("--show"))
        {
            Show.Some("missed", named.Where(row => row.Score < at), 60);
            Show.Some("innocent", same.Where(row => row.Score >= options.Threshold), 40);
        }
    }
}

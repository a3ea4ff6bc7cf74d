using System.Diagnostics;
using System.Text.Json.Nodes;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Worlds;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Packs;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// How fast the state of monitoring is made of packed steps, as a start does it: packs are opened some ahead on all
/// processors, steps are loaded on one. What the store gives and decrypts is left out: some 40 bytes a step.
/// </summary>
internal static class MonitoringRestartMeasurement
{
    private const int Ahead = 4;
    private const int Stretch = 500_000;

    public static async Task<JsonObject> RunAsync(int accounts, int transactions)
    {
        BenchmarkRun.Say("packing");
        var packs = Packs(accounts, transactions);
        var engine = new MonitoringEngine(RulePack.Compile(RulePack.Book()), new MonitoringOptions());
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        var stretches = new JsonArray();
        var (mark, at) = (started, 0);
        var (paused, collected) = (GC.GetTotalPauseDuration(), GC.CollectionCount(0));
        var allocated = GC.GetTotalAllocatedBytes();
        using var held = new HeldCollections(transactions * StepPacks.BytesOfStep);
        engine.Expect(transactions);
        var opening = new Queue<Task<PackContent>>();
        foreach (var (row, content) in packs.Take(Ahead))
        {
            opening.Enqueue(Task.Run(() => PackContent.Read(row, PackSeal.Unpack(content))));
        }

        for (var i = 0; i < packs.Count; i++)
        {
            held.Renew();
            var pack = await opening.Dequeue();
            if (i + Ahead < packs.Count)
            {
                var (row, content) = packs[i + Ahead];
                opening.Enqueue(Task.Run(() => PackContent.Read(row, PackSeal.Unpack(content))));
            }

            for (var place = 0; place < pack.Count; place++)
            {
                engine.Load(pack, place);
                if (++at % Stretch == 0)
                {
                    stretches.Add(Math.Round(Stretch / Stopwatch.GetElapsedTime(mark).TotalSeconds));
                    mark = Stopwatch.GetTimestamp();
                }
            }
        }

        engine.Expect(0);
        held.Dispose(); // Its last collections are part of a start.
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        BenchmarkRun.Say($"{at / seconds:F0} steps/s");
        return new JsonObject
        {
            ["transactions"] = at,
            ["per_s"] = Math.Round(at / seconds),
            ["per_s_by_500000"] = stretches,
            ["processor_us"] = Math.Round((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / at, 2),
            ["gc_pause_ms"] = Math.Round((GC.GetTotalPauseDuration() - paused).TotalMilliseconds),
            ["allocated_bytes"] = (GC.GetTotalAllocatedBytes() - allocated) / at,
            ["collections"] = GC.CollectionCount(0) - collected,
            ["packed_bytes"] = packs.Sum(pack => (long)pack.Content.Length) / at,
            ["state_bytes"] = (GC.GetTotalMemory(forceFullCollection: true) - memory) / at,
        };
    }

    private static List<(PackRow Row, byte[] Content)> Packs(int accounts, int transactions)
    {
        var days = Math.Max(40, transactions / accounts * 2);
        var world = new World(new WorldOptions { Accounts = accounts, WarmUpDays = days - 10, Days = 10 });
        var packs = new List<(PackRow, byte[])>();
        var writer = new PackWriter();
        var number = 0L;
        foreach (var item in world.Events().Take(transactions))
        {
            number++;
            writer.Add(new Step.Decided(number, item.Transaction, PartyFacts.None, [])
            {
                Seq = number, RecordedAt = default,
            });
            if (writer.Steps == StepPacks.StepsOfPack)
            {
                packs.Add(Packed(writer));
                writer = new PackWriter();
            }
        }

        packs.Add(Packed(writer));
        return packs;
    }

    private static (PackRow Row, byte[] Content) Packed(PackWriter writer) => (
        new PackRow
        {
            FirstSeq = 0, LastSeq = writer.LastSeq, LastNumber = writer.LastNumber, Steps = writer.Steps, LastHash = [],
            Purged = 0, Keys = [], Format = PackRow.CurrentFormat, Content = [],
        },
        PackSeal.Pack(writer.ToArray()));
}

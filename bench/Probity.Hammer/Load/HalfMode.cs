namespace Probity.Hammer.Load;

/// <summary>Finds the highest rate of single posts, then measures the latency at half of it.</summary>
internal static class HalfMode
{
    private const int DefaultConnections = 64;

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var full = new LoadContext(options, DefaultConnections);
        var highest = await SingleMode.RunAsync(full, 0, cancellationToken);
        var rate = (int)(highest.ToJson()["events_per_second"]?.GetValue<double>() ?? 0) / 2;
        if (rate < 1)
        {
            throw new HammerException("The server took in nothing; there is no half of it.");
        }

        await Console.Error.WriteLineAsync($"now at half load: {rate}/s");
        var half = await SingleMode.RunAsync(new LoadContext(options, DefaultConnections), rate, cancellationToken);
        return new Report(options)
            .With("full", highest.ToJson())
            .With("half", half.ToJson())
            .With("p99_ms_at_half_load", half.ToJson()["latency_ms"]?["p99"]?.DeepClone())
            .Require(highest.IsSound && half.IsSound);
    }
}

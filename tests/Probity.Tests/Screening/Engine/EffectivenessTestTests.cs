using Probity.Screening.Effectiveness;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Engine;

/// <summary>The built-in effectiveness test: the same figures every time, and a worse engine shows in them.</summary>
public sealed class EffectivenessTestTests
{
    private static readonly EffectivenessPlan s_plan = new() { EachKind = 10, Placebos = 100 };

    [Fact]
    public void Two_tests_of_one_engine_are_the_same_and_every_name_as_listed_alerts()
    {
        var (one, other) = (Run(Samples.Engine), Run(Samples.Engine));

        Assert.Equal(one.Select(Told), other.Select(Told));
        var exact = one.Where(part => part.Task.Set == EffectivenessSet.Exact).ToList();
        Assert.Equal(
            Samples.Engine.Entities.Sum(entity => entity.Names.Count(name => name.Kind != NameKind.Weak)),
            exact.Sum(part => part.Cases));
        Assert.All(exact, part => Assert.Equal(part.Cases, part.CountAt(Samples.Engine.Options.Threshold)));
        Assert.True(one.Count(part => part.Task.Set == EffectivenessSet.Mutation) > 40);
        Assert.Contains(one, part => part is { Task: { Set: EffectivenessSet.Placebo, Kind: "arabic" }, Cases: 100 });
    }

    [Fact]
    public void A_higher_threshold_finds_less_and_what_is_missed_is_named()
    {
        var strict = ScreeningEngine.Build(
            [new ScreeningList(Samples.Engine.Versions[0], Samples.Engine.Entities)],
            ScreeningOptions.Default with { Threshold = 9_900 });

        var (normal, less) = (Of(Run(Samples.Engine)), Of(Run(strict)));

        Assert.True(Found(less, 9_900) < Found(normal, ScreeningOptions.Default.Threshold));
        Assert.True(less.Sum(part => part.Failures.Length) > normal.Sum(part => part.Failures.Length));
        static EffectivenessPart[] Of(EffectivenessPart[] parts) =>
            [.. parts.Where(part => part.Task.Set == EffectivenessSet.Mutation)];
        static int Found(EffectivenessPart[] parts, int threshold) => parts.Sum(part => part.CountAt(threshold));
    }

    [Fact]
    public void A_stopped_part_says_so()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var test = new EffectivenessTest(Samples.Engine, s_plan);

        Assert.Throws<OperationCanceledException>(() => test.Run(test.Tasks[0], stop.Token));
    }

    private static EffectivenessPart[] Run(ScreeningEngine engine)
    {
        var test = new EffectivenessTest(engine, s_plan);
        return [.. test.Tasks.Select(task => test.Run(task, TestContext.Current.CancellationToken))];
    }

    private static string Told(EffectivenessPart part) =>
        $"{part.Task} {part.Cases} {string.Join(',', part.Counts)} {string.Join(';', part.Failures)}";
}

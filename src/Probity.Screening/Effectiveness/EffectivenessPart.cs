using System.Collections.Immutable;

namespace Probity.Screening.Effectiveness;

/// <summary>What a part of an effectiveness test looks at.</summary>
public enum EffectivenessSet : byte
{
    /// <summary>Every strong listed name, typed as listed: each must alert.</summary>
    Exact,

    /// <summary>Listed names altered as people and machines do.</summary>
    Mutation,

    /// <summary>Names in other scripts, looked for among the Latin names of their entries.</summary>
    OtherScript,

    /// <summary>Names of nobody: each alert is a false one.</summary>
    Placebo,
}

/// <summary>One part of an effectiveness test that is run and stored by itself.</summary>
/// <param name="Set">What it looks at.</param>
/// <param name="Population">person, organisation, or for exact names the list.</param>
/// <param name="Kind">The kind of alteration, the script, or the kind of entity.</param>
public readonly record struct EffectivenessTask(EffectivenessSet Set, string Population, string Kind);

/// <summary>What a part came to.</summary>
/// <param name="Task">What was asked.</param>
/// <param name="Cases">How many names were screened.</param>
/// <param name="Counts">
/// How many of them reached each threshold of <see cref="Thresholds"/>: the entry looked for, or for a placebo any.
/// </param>
/// <param name="Failures">
/// The first names that failed at the engine's threshold: listed ones not found, placebos that alerted, with what
/// they were taken for.
/// </param>
public sealed record EffectivenessPart(
    EffectivenessTask Task, int Cases, ImmutableArray<int> Counts, ImmutableArray<string> Failures)
{
    /// <summary>Thresholds of the curve, 0 to 10,000, ascending.</summary>
    public static ImmutableArray<int> Thresholds { get; } =
        [.. Enumerable.Range(0, 26).Select(static i => 5_000 + (i * 200))];

    /// <summary>Gets how many reached the highest threshold of the curve that is not above this one.</summary>
    public int CountAt(int threshold)
    {
        var at = 0;
        while (at + 1 < Thresholds.Length && Thresholds[at + 1] <= threshold)
        {
            at++;
        }

        return Counts[at];
    }
}

/// <summary>How much is asked. Everything else is fixed, so that two tests of one engine are the same.</summary>
public sealed record EffectivenessPlan
{
    /// <summary>Gets the cases of each kind of alteration.</summary>
    public int EachKind { get; init; } = 60;

    /// <summary>Gets the names of nobody of each population.</summary>
    public int Placebos { get; init; } = 1_000;

    /// <summary>Gets the most names in other scripts of each script.</summary>
    public int MostOtherScript { get; init; } = 1_000;

    /// <summary>Gets the most failures that are kept of a part.</summary>
    public int MostFailures { get; init; } = 20;
}

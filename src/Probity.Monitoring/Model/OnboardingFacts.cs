using System.Collections.Immutable;
using Probity.Monitoring.Rating;

namespace Probity.Monitoring;

/// <summary>
/// How far onboarding of a customer is, and the outcome of each check that its level asks for. One text, as entries
/// and tables have it: <c>pending standard passed:identity,document missing:address</c>. What follows the state may be
/// left out where it is not told. Immutable; equal by text.
/// </summary>
public sealed record OnboardingFacts
{
    /// <summary>The outcome of a check that the level does not ask for.</summary>
    public const string NotAsked = "not_asked";

    /// <summary>How far it may be: something is missing, all is passed or waived, something failed.</summary>
    public static readonly ImmutableArray<string> States = ["pending", "active", "refused"];

    /// <summary>What a check that is asked for may have come to; missing was never done, lapsed holds no
    /// more.</summary>
    public static readonly ImmutableArray<string> Outcomes = ["passed", "waived", "failed", "missing", "lapsed"];

    private OnboardingFacts(string text) => Text = text;

    /// <summary>Gets the text.</summary>
    public string Text { get; }

    /// <summary>Gets how far it is, one of <see cref="States"/>.</summary>
    public string State => Known(States, Text, 0)!; // It was read.

    /// <summary>Gets the level of due diligence, one of <see cref="ScorecardReader.Levels"/>; null when not
    /// told.</summary>
    public string? Level => Known(ScorecardReader.Levels, Text, 1);

    /// <summary>Writes what a customer's level asks for, without the state.</summary>
    /// <param name="level">One of <see cref="ScorecardReader.Levels"/>.</param>
    /// <param name="checks">What it asks for, with the outcome of each.</param>
    public static string Write(string level, IEnumerable<(string Kind, string Outcome)> checks) => string.Join(
        ' ',
        checks.GroupBy(check => check.Outcome, check => check.Kind, StringComparer.Ordinal)
            .OrderBy(group => Outcomes.IndexOf(group.Key))
            .Select(group => $"{group.Key}:{string.Join(',', group)}").Prepend(level));

    /// <summary>Reads a text.</summary>
    /// <returns>Null where it is not of the form.</returns>
    public static OnboardingFacts? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(' ');
        return States.Contains(words[0]) && (words.Length == 1 || ScorecardReader.Levels.Contains(words[1]))
            && words.Skip(2).All(IsGroup)
                ? new OnboardingFacts(text) : null;
    }

    /// <summary>The outcome of a check: one of <see cref="Outcomes"/> or <see cref="NotAsked"/>; null when not
    /// told.</summary>
    /// <param name="kind">One of <see cref="ScorecardReader.Checks"/>.</param>
    public string? OutcomeOf(string kind)
    {
        if (Level is null)
        {
            return null;
        }

        var rest = Text.AsSpan();
        foreach (var word in rest.Split(' '))
        {
            var group = rest[word];
            var colon = group.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            var kinds = group[(colon + 1)..];
            foreach (var each in kinds.Split(','))
            {
                if (kinds[each].SequenceEqual(kind))
                {
                    return Known(Outcomes, group[..colon], 0);
                }
            }
        }

        return NotAsked;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsGroup(string word) => word.Split(':') is [var outcome, var kinds]
        && Outcomes.Contains(outcome) && kinds.Split(',').All(kind => ScorecardReader.Checks.Contains(kind));

    // The word of a place, as the one string that there is of it: nothing is allocated for a decision.
    private static string? Known(ImmutableArray<string> words, ReadOnlySpan<char> text, int place)
    {
        foreach (var word in text.Split(' '))
        {
            if (place-- == 0)
            {
                foreach (var known in words)
                {
                    if (text[word].SequenceEqual(known))
                    {
                        return known;
                    }
                }

                return null;
            }
        }

        return null;
    }
}

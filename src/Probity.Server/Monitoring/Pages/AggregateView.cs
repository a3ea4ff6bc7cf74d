namespace Probity.Server.Monitoring.Pages;

/// <summary>An aggregate of a decision as a page shows it.</summary>
/// <param name="Text">What it measures, in the words of the rule.</param>
/// <param name="Side">debtor or creditor.</param>
/// <param name="Value">What came out.</param>
/// <param name="Count">Of how many transactions.</param>
/// <param name="After">The last instant before the window; "the beginning" without a bound.</param>
/// <param name="Until">The last instant of it.</param>
/// <param name="From">Where its picture begins, 0 to 1000.</param>
/// <param name="Width">How wide it is.</param>
/// <remarks>Public because a component takes it.</remarks>
public sealed record AggregateView(
    string Text, string Side, string Value, long Count, string After, string Until, int From, int Width);

namespace Probity.Server.Screening.Continuous;

/// <summary>Types of the entries that continuous screening leaves.</summary>
internal static class ContinuousEvents
{
    /// <summary>A registered customer was screened in full. <c>data</c> holds question and answer as
    /// <c>probity.screening.answered</c> does, and the version of the customer.</summary>
    public const string Screened = "probity.screening.customer_screened";

    /// <summary>All customers were brought to the next set of list versions.</summary>
    public const string Run = "probity.screening.run_completed";
}

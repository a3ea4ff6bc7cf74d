namespace Probity.Server.Screening.Matching;

/// <summary>Types of the entries that screenings leave.</summary>
internal static class MatchEvents
{
    /// <summary>
    /// One question was answered. <c>data</c> holds the question as it was understood, the answer with engine and list
    /// versions, and which lists were older than allowed.
    /// </summary>
    public const string Answered = "probity.screening.answered";
}

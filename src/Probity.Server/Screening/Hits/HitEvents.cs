namespace Probity.Server.Screening.Hits;

/// <summary>Types of the entries that hits leave.</summary>
internal static class HitEvents
{
    /// <summary>A hit is new, open again, or found with another score.</summary>
    public const string Found = "probity.screening.hit_found";

    /// <summary>A hit ended: the entry is gone, or the two do not reach the threshold any more.</summary>
    public const string Ended = "probity.screening.hit_ended";

    /// <summary>Somebody decided a hit. <c>data</c> holds decision and reason code.</summary>
    public const string Decided = "probity.screening.hit_decided";

    /// <summary>A hit was read with both sides.</summary>
    public const string Read = "probity.screening.hit_read";

    /// <summary>An exemption began, agreed to by a second person.</summary>
    public const string Exempted = "probity.screening.exempted";

    /// <summary>An exemption is over: one side changed, or its time.</summary>
    public const string Reopened = "probity.screening.exemption_reopened";
}

namespace Probity.Server.Screening.Lists;

/// <summary>Types of the entries that lists leave.</summary>
internal static class ListEvents
{
    /// <summary>A version was read, guarded and stored. Its target is the row of the version.</summary>
    public const string Loaded = "probity.screening.list_loaded";

    /// <summary>Files were refused, by a reader or by the guard; nothing was stored.</summary>
    public const string Refused = "probity.screening.list_refused";

    /// <summary>A version went live. Before and after name the versions.</summary>
    public const string Activated = "probity.screening.list_activated";
}

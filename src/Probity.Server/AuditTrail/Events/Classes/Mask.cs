using System.Globalization;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// What is left of a masked value, as much as a person needs to recognise it: of an address of e-mail the first letter
/// and the domain, of anything else of eight characters or more the last four. The rest is gone for good. Pure.
/// </summary>
internal static class Mask
{
    private const string Gone = "…";
    private const int Kept = 4;
    private const int Shortest = 8;

    /// <summary>A masked text.</summary>
    public static string Text(string text)
    {
        var at = text.LastIndexOf('@');
        if (at > 0 && at < text.Length - 1 && !text.Contains(' ', StringComparison.Ordinal))
        {
            return StringInfo.GetNextTextElement(text) + Gone + text[at..];
        }

        // By what a reader takes for one character, so that none is cut in two.
        var starts = StringInfo.ParseCombiningCharacters(text);
        return starts.Length < Shortest ? Gone : Gone + text[starts[^Kept]..];
    }
}

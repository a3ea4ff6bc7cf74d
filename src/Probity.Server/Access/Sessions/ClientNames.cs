namespace Probity.Server.Access.Sessions;

/// <summary>
/// What a person calls the program that a session began in, from its User-Agent header (RFC 9110 §10.1.5): "Firefox on
/// Windows". It is what the program says of itself, so it helps to recognise a session and proves nothing.
/// </summary>
internal static class ClientNames
{
    private const string Nameless = "A program that gives no name";

    // Browsers name their relatives too, so the more particular name comes first.
    private static readonly (string Token, string Name)[] s_browsers =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];

    private static readonly (string Token, string Name)[] s_systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ];

    /// <summary>The name to show; never empty.</summary>
    /// <param name="userAgent">The header as it was sent; may be empty.</param>
    public static string Of(string userAgent)
    {
        var product = userAgent.Trim().Split(' ')[0];
        if (product.Length == 0)
        {
            return Nameless;
        }

        var browser = NameIn(s_browsers, userAgent) ?? product.Replace('/', ' ');
        return NameIn(s_systems, userAgent) is { } system ? $"{browser} on {system}" : browser;
    }

    private static string? NameIn((string Token, string Name)[] known, string userAgent) =>
        Array.Find(known, one => userAgent.Contains(one.Token, StringComparison.Ordinal)).Name;
}

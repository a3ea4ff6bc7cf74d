namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Readers of the addresses of the server itself.</summary>
internal static class UrlValues
{
    public static Reading<IReadOnlyList<Uri>> ReadListening(string text)
    {
        var urls = new List<Uri>();
        foreach (var part in text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Kestrel's own wildcards are no host names, so they are read as the unspecified address.
            var named = part.Replace("://*", "://0.0.0.0", StringComparison.Ordinal)
                .Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(named, UriKind.Absolute, out var url) || !IsHttp(url))
            {
                return Reading.Refuse<IReadOnlyList<Uri>>("a part of it is not an http:// URL");
            }

            if (url.Scheme == Uri.UriSchemeHttps)
            {
                return Reading.Refuse<IReadOnlyList<Uri>>(
                    "the server speaks plain HTTP only; TLS ends at the proxy before it (then set AUDIT_PUBLIC_URL to https://…)");
            }

            if (url.PathAndQuery != "/" || url.UserInfo.Length > 0)
            {
                return Reading.Refuse<IReadOnlyList<Uri>>("a part of it has a path, a query or a user name");
            }

            urls.Add(url);
        }

        return urls.Count == 0 ? Reading.Refuse<IReadOnlyList<Uri>>("it names no URL") : Reading.Of<IReadOnlyList<Uri>>(urls);
    }

    public static Reading<Uri> ReadPublic(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsHttp(url))
        {
            return Reading.Refuse<Uri>("it is not an absolute http:// or https:// URL");
        }

        return url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0
            ? Reading.Refuse<Uri>("it has a query, a fragment or a user name")
            : Reading.Of(url);
    }

    /// <summary>The issuer of an OpenID provider. Source: OpenID Connect Discovery 1.0 section 3.</summary>
    public static Reading<Uri> ReadAuthority(string text)
    {
        var url = ReadPublic(text);
        return url.Value is { IsLoopback: false, Scheme: "http" }
            ? Reading.Refuse<Uri>("it is not https://, and its host is not this machine")
            : url;
    }

    private static bool IsHttp(Uri url) => url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps;
}

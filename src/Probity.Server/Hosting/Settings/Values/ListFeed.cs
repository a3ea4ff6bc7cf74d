namespace Probity.Server.Hosting.Settings.Values;

/// <summary>A sanctions list that is fetched from its publisher.</summary>
/// <param name="List">The name of the list.</param>
/// <param name="Urls">The addresses of its files, at least one; all must answer for a load.</param>
internal sealed record ListFeed(string List, IReadOnlyList<Uri> Urls)
{
    private const int MostFeeds = 50;

    /// <summary>Reads "un_sc=https://…; us_ofac_sdn=https://…/sdn.csv https://…/alt.csv".</summary>
    public static Reading<IReadOnlyList<ListFeed>> Read(string text)
    {
        var feeds = new List<ListFeed>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : part[..equals].Trim();
            var urls = equals < 0 ? [] : Addresses(part[(equals + 1)..]);
            if (!IsName(name) || urls.Count == 0)
            {
                return Reading.Refuse<IReadOnlyList<ListFeed>>("a part of it is not NAME=URL with https:// URLs");
            }

            feeds.Add(new ListFeed(name, urls));
        }

        return feeds.Count is > 0 and <= MostFeeds && feeds.DistinctBy(feed => feed.List).Count() == feeds.Count
            ? Reading.Of<IReadOnlyList<ListFeed>>(feeds)
            : Reading.Refuse<IReadOnlyList<ListFeed>>($"it names none, one list twice, or more than {MostFeeds} lists");
    }

    /// <summary>The names alone: addresses may carry a token.</summary>
    public static string Mask(string text) =>
        string.Join("; ", text.Split(';').Select(part => part.Split('=')[0].Trim() + "=****"));

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 40 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    // Plain HTTP is taken from this machine only: whoever sits in between could take names off a list.
    private static List<Uri> Addresses(string text)
    {
        var urls = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null).ToList();
        return urls.TrueForAll(
            url => url is not null
                && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            ? [.. urls.OfType<Uri>()]
            : [];
    }
}

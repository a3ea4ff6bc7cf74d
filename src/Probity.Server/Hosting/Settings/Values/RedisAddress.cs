namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Where Redis is. Printing it never shows the password.</summary>
internal sealed record RedisAddress
{
    private RedisAddress(string url) => Url = url;

    /// <summary>The URL with its credentials: for the connection only, never for print.</summary>
    public string Url { get; }

    public static Reading<RedisAddress> Read(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss" or "unix"))
        {
            return Reading.Refuse<RedisAddress>("it is not a redis://, rediss:// or unix:// URL");
        }

        var isComplete = url.Scheme == "unix" ? url.AbsolutePath.Length > 1 : url.Host.Length > 0;
        return isComplete
            ? Reading.Of(new RedisAddress(text))
            : Reading.Refuse<RedisAddress>("it names no host or no path");
    }

    public override string ToString() => StoreAddress.Mask(Url);
}

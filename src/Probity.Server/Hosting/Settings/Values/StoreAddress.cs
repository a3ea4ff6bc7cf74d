using System.Text.RegularExpressions;
using Npgsql;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Which store, and how to reach it. Printing it never shows a password.</summary>
internal sealed partial record StoreAddress
{
    private StoreAddress(StoreKind kind, string value, string shown) => (Kind, Value, Shown) = (kind, value, shown);

    public StoreKind Kind { get; }

    /// <summary>The full path of the SQLite file, or the Npgsql connection string. For the connection only, never for print.</summary>
    public string Value { get; }

    private string Shown { get; }

    public static StoreAddress SqliteFile(string path) => new(StoreKind.Sqlite, Path.GetFullPath(path), path);

    public static Reading<StoreAddress> Read(string text)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = at > 0 ? text[..at].ToLowerInvariant() : "";
        return scheme.Split('+')[0] switch
        {
            "postgresql" or "postgres" => PostgresUrl.Read(text[(at + 3)..]) is var read && read.Value is { } keys
                ? Reading.Of(new StoreAddress(StoreKind.Postgres, keys, Mask(text)))
                : Reading.Refuse<StoreAddress>(read.Fault ?? "it is not a PostgreSQL URL"),
            "sqlite" => ReadSqlite(text[(at + 3)..]),
            "" => ReadKeyValues(text),
            var other => Reading.Refuse<StoreAddress>($"no store is called '{other}'"),
        };
    }

    /// <summary>The text without passwords, whatever else is wrong with it.</summary>
    public static string Mask(string text)
    {
        var masked = UserInfo().Replace(text, static m => m.Groups[1].Value + (m.Groups[2].Success ? m.Groups[2].Value : "") + ":****@");
        return PasswordPair().Replace(masked, "$1=****");
    }

    public override string ToString() => Shown;

    // As SQLAlchemy reads it: three slashes begin a relative path, four an absolute one.
    private static Reading<StoreAddress> ReadSqlite(string rest)
    {
        if (!rest.StartsWith('/') || rest.Length < 2)
        {
            return Reading.Refuse<StoreAddress>("it names no file (three slashes and a relative path, or four slashes)");
        }

        var path = Uri.UnescapeDataString(rest[1..]);
        return path.StartsWith(':') || path.Contains('?', StringComparison.Ordinal) || path.EndsWith('/')
            ? Reading.Refuse<StoreAddress>("a ledger needs a plain file: no :memory:, no ?options, no folder")
            : Reading.Of(SqliteFile(path));
    }

    private static Reading<StoreAddress> ReadKeyValues(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return Reading.Refuse<StoreAddress>("it is neither a URL nor a key=value string");
        }

        try
        {
            var keys = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(keys.Host)
                ? Reading.Refuse<StoreAddress>("it names no Host")
                : Reading.Of(new StoreAddress(StoreKind.Postgres, keys.ConnectionString, Mask(text)));
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The message of the driver may repeat a value, so it is not passed on.
            return Reading.Refuse<StoreAddress>("Npgsql does not take one of its keys or values");
        }
    }

    // Greedy to the last @, so that an unescaped @ in a password does not show half of it.
    [GeneratedRegex(@"(://)(?:([^:/@]*):.*|[^/@]*)@", RegexOptions.Singleline)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"((?:ssl[ _]?)?(?:password|passwd|pwd))\s*=\s*(?:'[^']*'|""[^""]*""|[^;&\s]*)", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPair();
}

internal enum StoreKind
{
    Sqlite,
    Postgres,
}

using System.Globalization;
using Npgsql;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>
/// Turns a libpq connection URI into an Npgsql connection string.
/// Source: PostgreSQL 15 documentation §34.1.1.2 "Connection URIs".
/// </summary>
internal static class PostgresUrl
{
    /// <param name="rest">What follows <c>://</c>: <c>[user[:password]@][host[:port][,…]][/database][?name=value[&amp;…]]</c>.</param>
    public static Reading<string> Read(string rest)
    {
        var keys = new NpgsqlConnectionStringBuilder();
        try
        {
            var (address, query) = Cut(rest, rest.IndexOf('?', StringComparison.Ordinal));
            var userEnd = address.LastIndexOf('@');
            if (userEnd >= 0)
            {
                TakeUser(keys, address[..userEnd]);
            }

            var place = address[(userEnd + 1)..];
            var (hosts, database) = Cut(place, place.IndexOf('/', StringComparison.Ordinal));
            var fault = TakeHosts(keys, hosts);
            if (database.Length > 0)
            {
                keys.Database = Uri.UnescapeDataString(database);
            }

            fault ??= TakeOptions(keys, query);
            return fault is null ? Finish(keys) : Reading.Refuse<string>(fault);
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or KeyNotFoundException)
        {
            return Reading.Refuse<string>("one of its parts has a value that Npgsql does not take");
        }
    }

    private static Reading<string> Finish(NpgsqlConnectionStringBuilder keys)
    {
        if (string.IsNullOrEmpty(keys.Host))
        {
            return Reading.Refuse<string>("it names no host");
        }

        return string.IsNullOrEmpty(keys.Database)
            ? Reading.Refuse<string>("it names no database after the host")
            : Reading.Of(keys.ConnectionString);
    }

    private static void TakeUser(NpgsqlConnectionStringBuilder keys, string user)
    {
        var (name, password) = Cut(user, user.IndexOf(':', StringComparison.Ordinal));
        keys.Username = Uri.UnescapeDataString(name);
        if (password.Length > 0)
        {
            keys.Password = Uri.UnescapeDataString(password);
        }
    }

    private static string? TakeHosts(NpgsqlConnectionStringBuilder keys, string hosts)
    {
        if (hosts.Length == 0)
        {
            return null;
        }

        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            keys.Host = Uri.UnescapeDataString(hosts);
            return null;
        }

        var colon = hosts.LastIndexOf(':');
        var isPort = colon >= 0 && colon > hosts.LastIndexOf(']');
        keys.Host = Uri.UnescapeDataString((isPort ? hosts[..colon] : hosts).Trim('[', ']'));
        if (!isPort)
        {
            return null;
        }

        if (!ushort.TryParse(hosts[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return "its port is not a number from 1 to 65535";
        }

        keys.Port = port;
        return null;
    }

    private static string? TakeOptions(NpgsqlConnectionStringBuilder keys, string query)
    {
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            name = Uri.UnescapeDataString(name);
            value = Uri.UnescapeDataString(value);
            if (!TakeOption(keys, name.ToLowerInvariant(), value))
            {
                return $"its option '{name}' is not known";
            }
        }

        return null;
    }

    private static bool TakeOption(NpgsqlConnectionStringBuilder keys, string name, string value)
    {
        // The names of libpq, and of asyncpg where they differ; anything else may be a key of Npgsql.
        var key = name switch
        {
            "sslmode" or "ssl" => "SSL Mode",
            "user" => "Username",
            "dbname" => "Database",
            "connect_timeout" => "Timeout",
            "application_name" => "Application Name",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "sslpassword" => "SSL Password",
            "passfile" => "Passfile",
            "options" => "Options",
            "channel_binding" => "Channel Binding",
            "target_session_attrs" => "Target Session Attributes",
            "client_encoding" => "Client Encoding",
            _ => name,
        };
        if (!keys.ContainsKey(key))
        {
            return false;
        }

        // libpq writes verify-full, Npgsql VerifyFull; target_session_attrs is written alike in both.
        keys[key] = key is "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        return true;
    }

    private static (string Before, string After) Cut(string text, int at) =>
        at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
}

using System.Diagnostics.CodeAnalysis;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Cli;

/// <summary>What every verb works with.</summary>
internal sealed record VerbContext
{
    /// <summary>The settings, keys included where the verb may see them.</summary>
    public required ProbitySettings Settings { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Whether the answer is one JSON document for machines.</summary>
    public required bool IsJson { get; init; }

    /// <summary>The answer.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Progress and faults.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>The server that holds the data folder now; null when none does. The verb goes through it then.</summary>
    public LockHolder? Server { get; init; }

    /// <summary>Whether the keys folder was made by this command.</summary>
    public bool IsFirstStart { get; init; }

    /// <summary>Where and with which key to reach the running server.</summary>
    /// <exception cref="ExpectedFaultException">A server holds the folder, but there is no way to it yet.</exception>
    public bool TryGetServer([NotNullWhen(true)] out ServerAddress? address)
    {
        address = null;
        if (Server is null)
        {
            return false;
        }

        if (Server.Url.Length == 0)
        {
            throw new ExpectedFaultException("A server is just starting on this data folder.", "Try again in a few seconds.");
        }

        if (!File.Exists(Settings.BootstrapKeyFile))
        {
            throw new ExpectedFaultException(
                $"A server ({Server}) holds this data folder, and {Settings.BootstrapKeyFile} is not there to reach it with.",
                $"Use --url {Server.Url} --key-file FILE with a key that has the permission.");
        }

        address = new ServerAddress(new Uri(Server.Url), File.ReadAllText(Settings.BootstrapKeyFile).Trim());
        return true;
    }
}

/// <summary>A server and the API key to use there. Printing it shows no key.</summary>
internal sealed record ServerAddress(Uri Url, string Key)
{
    public override string ToString() => Url.ToString();
}

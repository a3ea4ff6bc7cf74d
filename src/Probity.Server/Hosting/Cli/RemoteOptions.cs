namespace Probity.Server.Hosting.Cli;

/// <summary>What <c>--url</c>, <c>--key</c> and <c>--key-file</c> say together.</summary>
internal static class RemoteOptions
{
    /// <summary>The server and the key; null without <c>--url</c>.</summary>
    /// <exception cref="ExpectedFaultException">The three do not fit together, or the key file cannot be
    /// read.</exception>
    public static ServerAddress? Address(string? url, string? key, string? keyFile)
    {
        if (url is null)
        {
            return key is null && keyFile is null
                ? null
                : throw new ExpectedFaultException(
                    "--key and --key-file belong to --url.", "Add --url URL, or leave the key out.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ExpectedFaultException(
                "--url is not an http:// or https:// URL.", "Use for example --url http://127.0.0.1:8080.");
        }

        return (key, keyFile) switch
        {
            ({ } given, null) => new ServerAddress(address, given.Trim()),
            (null, { } file) => new ServerAddress(address, ReadKey(file)),
            (null, null) => throw new ExpectedFaultException("--url needs a key.", "Add --key-file FILE or --key KEY."),
            _ => throw new ExpectedFaultException("--key and --key-file are given both.", "Give one of them."),
        };
    }

    private static string ReadKey(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"The key file {file} cannot be read.", "Correct the path or the rights of the file.", cause: fault);
        }
    }
}

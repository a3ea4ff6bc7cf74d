using Probity.Hammer.Http;

namespace Probity.Hammer.Crash;

/// <summary>How the server is started: the given program and arguments, then <c>up --data DIR --urls URL</c>.</summary>
internal sealed class ServerCommand(string line, string folder, IReadOnlyDictionary<string, string> environment)
{
    private readonly string[] _words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyDictionary<string, string> Environment => environment;

    public string[] Arguments(LoopbackTarget target) => [.. _words, "up", "--data", folder, "--urls", target.Url];
}

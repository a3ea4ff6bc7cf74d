namespace Probity.Hammer;

/// <summary>The run cannot go on: the server is away, or answered what it must not.</summary>
internal sealed class HammerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The command line is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);

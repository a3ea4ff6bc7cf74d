namespace Probity.Server.Hosting.Cli;

/// <summary>Ends a command with one message for people and no stack trace.</summary>
internal sealed class ExpectedFaultException(string message, string fix, int exitCode = ExitCode.CannotTell, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>What the person should do.</summary>
    public string Fix { get; } = fix;

    public int ExitCode { get; } = exitCode;
}

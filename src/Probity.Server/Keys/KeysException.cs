namespace Probity.Server.Keys;

/// <summary>A key cannot be used, with a stable code of the form <c>keys.reason</c>. Carries no key material.</summary>
internal sealed class KeysException(string code, string message) : Exception(message)
{
    public const string RootMismatch = "keys.root_mismatch";
    public const string UnwrapFailed = "keys.unwrap_failed";
    public const string Unknown = "keys.unknown";
    public const string Destroyed = "keys.destroyed";
    public const string DecryptFailed = "keys.decrypt_failed";
    public const string Exhausted = "keys.exhausted";

    /// <summary>The stable code, listed in the reference of errors.</summary>
    public string Code { get; } = code;

    /// <summary>78 (configuration) when the operator gave the wrong key, else 1.</summary>
    public int ExitCode => Code == RootMismatch ? 78 : 1;
}

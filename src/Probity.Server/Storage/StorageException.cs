namespace Probity.Server.Storage;

/// <summary>The store refuses, with a stable code of the form <c>storage.reason</c>.</summary>
internal sealed class StorageException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The stable code, listed in the reference of errors.</summary>
    public string Code { get; } = code;
}

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// A member whose value never enters an entry, a log line or an answer: the diff says only that it changed.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;

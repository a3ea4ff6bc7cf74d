namespace Probity.Server.AuditTrail.Events;

/// <summary>A request that is refused, with the place of the fault; nothing of it was kept.</summary>
/// <param name="code">Stable error code, such as <c>event.unknown_field</c>.</param>
/// <param name="pointer">JSON Pointer to the value at fault; empty for the whole request.</param>
/// <param name="detail">What is wrong and what to do. Never quotes a value.</param>
internal sealed class RefusedException(string code, string pointer, string detail) : Exception(detail)
{
    public string Code { get; } = code;

    public string Pointer { get; } = pointer;
}

namespace Probity.Server.Hosting;

/// <summary>The host will not start: these endpoints leave open who may call them or what they record.</summary>
internal sealed class UndeclaredEndpointException(IReadOnlyList<string> faults)
    : Exception("Endpoints without a full declaration:\n" + string.Join('\n', faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>An input that cannot be judged: where, what, and what to do about it; never the value itself.</summary>
internal sealed class InputRefusedException(IReadOnlyList<InputFault> faults)
    : Exception(faults.Count == 0 ? "The input is refused." : faults[0].Message)
{
    public InputRefusedException(string place, string code, string message)
        : this([new InputFault(place, code, message)])
    {
    }

    /// <summary>Everything that was found; at least one.</summary>
    public IReadOnlyList<InputFault> Faults { get; } = faults;
}

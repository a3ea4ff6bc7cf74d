namespace Probity.Monitoring.Rules;

/// <summary>How grave a fault is.</summary>
public enum FaultLevel
{
    /// <summary>The rule works, but hardly as meant.</summary>
    Warning,

    /// <summary>The rule is refused.</summary>
    Error,
}

/// <summary>A fault of a rule: where, what, and how to mend it.</summary>
/// <param name="Rule">Name or file of the rule; empty when it has none.</param>
/// <param name="Place">JSON Pointer (RFC 6901) into the document.</param>
/// <param name="Code">Stable, of the form <c>monitoring.reason</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to do.</param>
/// <param name="Level">How grave.</param>
public sealed record RuleFault(
    string Rule, string Place, string Code, string Message, string Fix, FaultLevel Level = FaultLevel.Error)
{
    /// <summary>Returns it as one line.</summary>
    public override string ToString() => $"{Rule}{Place}: {Message} {Fix} ({Code})";
}

/// <summary>Stops reading a rule at a fault.</summary>
internal sealed class RuleRefusedException(string place, string code, string message, string fix) : Exception(message)
{
    public string Place { get; } = place;

    public string Code { get; } = code;

    public string Fix { get; } = fix;
}

namespace Probity.Contracts.Problems;

/// <summary>A reason the server refuses a request: one stable code, one HTTP status, one thing the caller should do.</summary>
/// <param name="Code">The stable code, always <c>module.reason</c>; never changes its meaning.</param>
/// <param name="Status">The HTTP status it is answered with.</param>
/// <param name="Title">What is wrong, in a few words, the same for every occurrence.</param>
/// <param name="Remedy">What the caller should do, in one line.</param>
public sealed record ErrorCode(string Code, int Status, string Title, string Remedy)
{
    /// <summary>The code.</summary>
    public override string ToString() => Code;
}

using System.Diagnostics.CodeAnalysis;

namespace Probity.Contracts.Problems;

/// <summary>One fault within a request body.</summary>
/// <param name="Pointer">Where: a JSON Pointer into the body (RFC 6901); empty for the whole body.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">What is wrong there, without repeating the value.</param>
[SuppressMessage("Naming", "CA1720", Justification = "A JSON Pointer is the field's word, not a memory address.")]
public sealed record ProblemFault(string Pointer, string Code, string Detail);

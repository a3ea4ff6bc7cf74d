using Probity.Contracts.Problems;

namespace Probity.Server.Hosting.Problems;

/// <summary>Ends a request with a refusal. Nothing of the request was kept.</summary>
internal sealed class ProblemException(ErrorCode code, string? detail = null) : Exception(detail ?? code.Title)
{
    public ErrorCode Code { get; } = code;

    /// <summary>What is wrong this time; never a payload or a secret.</summary>
    public string? Detail { get; } = detail;

    public IReadOnlyList<ProblemFault>? Faults { get; init; }

    /// <summary>When to try again; null when trying again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>request.bad_field about one member.</summary>
    /// <param name="pointer">Where (RFC 6901).</param>
    /// <param name="text">What to write instead.</param>
    public static ProblemException BadField(string pointer, string text) => new(ErrorCodes.RequestBadField)
    {
        Faults = [new(pointer, ErrorCodes.RequestBadField.Code, text)],
    };
}

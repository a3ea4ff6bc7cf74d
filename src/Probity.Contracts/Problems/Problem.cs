using System.Text.Json.Serialization;

namespace Probity.Contracts.Problems;

/// <summary>The body of every refusal, <c>application/problem+json</c>. Source: RFC 9457 §3.</summary>
public sealed record Problem
{
    /// <summary>The media type of the body. Source: RFC 9457 §3.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Where the code is explained: a reference relative to the server. Source: RFC 9457 §3.1.1.</summary>
    public required string Type { get; init; }

    /// <summary>What is wrong, the same for every occurrence of the code.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong this time; never a payload, a secret or a name of a person. Null when there is no more to say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>The path of the request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Instance { get; init; }

    /// <summary>The stable code, one of <see cref="ErrorCodes.All"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The faults within the body, in the order found; null when the whole request is at fault.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemFault>? Errors { get; init; }

    /// <summary>The W3C trace id, to find the request in logs; null where there is no trace.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; init; }

    /// <summary>A problem with this code.</summary>
    public static Problem Of(ErrorCode code, string? detail = null, IReadOnlyList<ProblemFault>? errors = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        return new()
        {
            Type = "/errors#" + code.Code,
            Title = code.Title,
            Status = code.Status,
            Code = code.Code,
            Detail = detail,
            Errors = errors,
        };
    }
}

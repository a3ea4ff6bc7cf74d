using System.Text.Json;
using System.Text.Json.Serialization;

namespace Probity.Server.Access.Approvals;

/// <summary>How payloads are written: in the words of the API, and strictly read.</summary>
internal static class ApprovalJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}

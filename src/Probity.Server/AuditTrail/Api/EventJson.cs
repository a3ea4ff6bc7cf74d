using System.Text.Encodings.Web;
using System.Text.Json;

namespace Probity.Server.AuditTrail.Api;

/// <summary>How events are written as JSON: UTF-8 as it is, since answers are never part of a page.</summary>
internal static class EventJson
{
    public static JsonSerializerOptions Options { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

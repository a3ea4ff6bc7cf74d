using System.Text.Json.Nodes;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Api;

/// <summary>An event as the API shows it: the entry with its members in place, and how it is kept.</summary>
internal static class EventView
{
    /// <summary>Members of the envelope that the receipt repeats or that mean nothing to a reader of the event.</summary>
    private static readonly string[] s_envelope = ["prev", "v", "log", "blobs"];

    public static JsonObject Of(in StoredEntry entry, OpenedEntry opened)
    {
        var json = opened.Json;
        var receipt = new JsonObject
        {
            ["log"] = json["log"]!.GetValue<string>(),
            ["seq"] = entry.Seq,
            ["hash"] = entry.Hash.ToString(),
            ["prev"] = json["prev"]!.GetValue<string>(),
        };
        var protection = new JsonObject { ["encrypted"] = opened.Encrypted };
        if (opened.Unreadable.Count > 0)
        {
            protection["unreadable"] = opened.Unreadable;
        }

        if (json["blobs"] is JsonArray blobs)
        {
            protection["blobs"] = blobs.DeepClone();
        }

        foreach (var member in s_envelope)
        {
            json.Remove(member);
        }

        json["receipt"] = receipt;
        json["protection"] = protection;
        return json;
    }
}

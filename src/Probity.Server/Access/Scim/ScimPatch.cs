using System.Text.Json.Nodes;

namespace Probity.Server.Access.Scim;

/// <summary>One operation of a PATCH. Source: RFC 7644 section 3.5.2.</summary>
/// <param name="Verb"><c>add</c>, <c>replace</c> or <c>remove</c>.</param>
/// <param name="Path">The attribute without its schema; null when the value names its own.</param>
/// <param name="Value">What to put there.</param>
internal sealed record ScimOperation(string Verb, string? Path, JsonNode? Value)
{
    private const int MaxOperations = 1_000;

    /// <exception cref="ScimException">invalidSyntax, invalidPath.</exception>
    public static IReadOnlyList<ScimOperation> Read(JsonObject body)
    {
        if (body["Operations"] is not JsonArray { Count: > 0 and <= MaxOperations } operations)
        {
            throw new ScimException(StatusCodes.Status400BadRequest, "invalidSyntax",
                "Operations holds 1 to 1,000 operations.");
        }

        return [.. operations.Select(One)];
    }

    /// <summary>The operation as one for each attribute: a value without a path names its attributes itself.</summary>
    public IEnumerable<(string Attribute, JsonNode? Value)> Attributes() => Path is not null
        ? [(Path, Verb == "remove" ? null : Value)]
        : Value is JsonObject members && Verb != "remove"
            ? members.Select(m => (Plain(m.Key), m.Value))
            : throw new ScimException(StatusCodes.Status400BadRequest, Verb == "remove" ? "noTarget" : "invalidValue",
                "The operation has no path.");

    private static ScimOperation One(JsonNode? node)
    {
        if (node is not JsonObject operation)
        {
            throw new ScimException(StatusCodes.Status400BadRequest, "invalidSyntax", "An operation is no object.");
        }

        // Some directories write "Replace"; the standard says the values are without regard to case.
        var verb = ScimJson.Text(operation["op"], "op")?.ToLowerInvariant();
        var path = ScimJson.Text(operation["path"], "path");
        return verb is "add" or "replace" or "remove"
            ? new ScimOperation(verb, path is null ? null : Plain(path), operation["value"])
            : throw new ScimException(StatusCodes.Status400BadRequest, "invalidSyntax",
                "op is add, replace or remove.");
    }

    // urn:…:core:2.0:User:name.formatted is name.formatted; a colon within a value path is none of the schema's.
    private static string Plain(string path)
    {
        var colon = path.StartsWith("urn:", StringComparison.OrdinalIgnoreCase)
            && !path.Contains('[', StringComparison.Ordinal) ? path.LastIndexOf(':') : -1;
        return path[(colon + 1)..];
    }
}

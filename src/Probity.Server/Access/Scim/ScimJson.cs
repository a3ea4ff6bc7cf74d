using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.Access.Scim;

/// <summary>
/// Reads and writes the JSON of SCIM: attribute names without regard to case, unknown ones ignored (RFC 7643 section
/// 2.1).
/// </summary>
internal static class ScimJson
{
    public const string MediaType = "application/scim+json";
    public const string UserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
    public const string ListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    public const string PatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    private const string ErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";
    private const int MaxDepth = 16;

    private static readonly JsonNodeOptions s_node = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonDocumentOptions s_document =
        new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="ScimException">invalidSyntax.</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body, s_node, s_document, cancellationToken) as JsonObject
                ?? throw Syntax();
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            throw Syntax();
        }
    }

    /// <summary>A text member; null when it is missing or null.</summary>
    /// <exception cref="ScimException">invalidValue: it is no text.</exception>
    public static string? Text(JsonNode? node, string name)
    {
        if (node is null)
        {
            return null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length <= 1_000
            && !text.Any(char.IsControl)
            ? text
            : throw ScimException.BadValue($"{name} is no text of at most 1,000 characters.");
    }

    /// <summary>A boolean; also as text, which some directories send.</summary>
    public static bool Flag(JsonNode? node, string name) =>
        node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag
        : node is JsonValue text && text.TryGetValue<string>(out var word) && bool.TryParse(word, out var read) ? read
        : throw ScimException.BadValue($"{name} is no boolean.");

    public static IResult Answer(JsonNode body, int status = StatusCodes.Status200OK) =>
        TypedResults.Text(body.ToJsonString(), MediaType, Encoding.UTF8, status);

    public static IResult Error(ScimException refusal)
    {
        var body = new JsonObject
        {
            ["schemas"] = new JsonArray(ErrorSchema),
            ["status"] = refusal.Status.ToString(CultureInfo.InvariantCulture),
            ["detail"] = refusal.Message,
        };
        if (refusal.ScimType is { } type)
        {
            body["scimType"] = type;
        }

        return Answer(body, refusal.Status);
    }

    public static JsonObject List(int total, int start, IEnumerable<JsonNode> resources)
    {
        var page = new JsonArray([.. resources]);
        return new JsonObject
        {
            ["schemas"] = new JsonArray(ListSchema),
            ["totalResults"] = total,
            ["startIndex"] = start,
            ["itemsPerPage"] = page.Count,
            ["Resources"] = page,
        };
    }

    public static JsonObject Meta(string kind, string path, DateTimeOffset created, DateTimeOffset changed,
        string version) => new()
    {
        ["resourceType"] = kind,
        ["created"] = Instant(created),
        ["lastModified"] = Instant(changed),
        ["location"] = path,
        ["version"] = version,
    };

    /// <summary>
    /// Leaves what was asked for. Source: RFC 7644 section 3.9; <c>schemas</c> and <c>id</c> always stay.
    /// </summary>
    public static JsonObject Trim(JsonObject resource, string? attributes, string? excluded)
    {
        var only = Names(attributes);
        var without = Names(excluded);
        foreach (var name in resource.Select(p => p.Key).Where(n => n is not ("schemas" or "id")).ToArray())
        {
            if ((only.Count > 0 && !only.Contains(name)) || without.Contains(name))
            {
                resource.Remove(name);
            }
        }

        return resource;
    }

    private static HashSet<string> Names(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static n => n[(n.LastIndexOf(':') + 1)..].Split('.')[0])
                .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static ScimException Syntax() =>
        new(StatusCodes.Status400BadRequest, "invalidSyntax", "The body is no JSON object.");
}

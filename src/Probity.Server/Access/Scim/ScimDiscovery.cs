using System.Text.Json.Nodes;

namespace Probity.Server.Access.Scim;

/// <summary>What this service is and can do. Source: RFC 7643 sections 5, 6 and 7.</summary>
internal static class ScimDiscovery
{
    private const string ConfigSchema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    private const string TypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    private const string SchemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema";

    public static JsonObject Config() => new()
    {
        ["schemas"] = new JsonArray(ConfigSchema),
        ["patch"] = Supported(true),
        ["bulk"] = new JsonObject { ["supported"] = false, ["maxOperations"] = 0, ["maxPayloadSize"] = 0 },
        ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = 200 },
        ["changePassword"] = Supported(false),
        ["sort"] = Supported(false),
        ["etag"] = Supported(true),
        ["authenticationSchemes"] = new JsonArray(new JsonObject
        {
            ["type"] = "oauthbearertoken",
            ["name"] = "API key",
            ["description"] = "A bearer token: an API key with the permission access.provisioning.manage",
            ["primary"] = true,
        }),
        ["meta"] =
            new JsonObject { ["resourceType"] = "ServiceProviderConfig",
            ["location"] = "/scim/v2/ServiceProviderConfig" },
    };

    public static JsonObject Types() => ScimJson.List(2, 1, [UserType(), GroupType()]);

    /// <exception cref="ScimException">404.</exception>
    public static JsonObject Type(string name) => name switch
    {
        "User" => UserType(),
        "Group" => GroupType(),
        _ => throw ScimException.NotFound(),
    };

    public static JsonObject Schemas() => ScimJson.List(2, 1, [UserSchema(), GroupSchema()]);

    /// <exception cref="ScimException">404.</exception>
    public static JsonObject Schema(string name) => name switch
    {
        ScimJson.UserSchema => UserSchema(),
        ScimJson.GroupSchema => GroupSchema(),
        _ => throw ScimException.NotFound(),
    };

    private static JsonObject UserType() => TypeOf("User", "/Users", ScimJson.UserSchema);

    private static JsonObject GroupType() => TypeOf("Group", "/Groups", ScimJson.GroupSchema);

    private static JsonObject TypeOf(string name, string endpoint, string schema) => new()
    {
        ["schemas"] = new JsonArray(TypeSchema),
        ["id"] = name,
        ["name"] = name,
        ["endpoint"] = endpoint,
        ["schema"] = schema,
        ["meta"] =
            new JsonObject { ["resourceType"] = "ResourceType", ["location"] = "/scim/v2/ResourceTypes/" + name },
    };

    private static JsonObject UserSchema() => SchemaOf(
        ScimJson.UserSchema, "User",
        Attribute("userName", required: true, uniqueness: "server"),
        Attribute("displayName"),
        Complex("name", false, "readWrite", Attribute("formatted")),
        Complex("emails", true, "readWrite", Attribute("value"), Attribute("primary", "boolean")),
        Attribute("active", "boolean"),
        Attribute("externalId", exact: true),
        Complex("groups", true, "readOnly", Attribute("value", mutability: "readOnly"),
            Attribute("display", mutability: "readOnly")));

    private static JsonObject GroupSchema() => SchemaOf(
        ScimJson.GroupSchema, "Group",
        Attribute("displayName", required: true, uniqueness: "server"),
        Attribute("externalId", exact: true),
        Complex("members", true, "readWrite", Attribute("value", mutability: "immutable"),
            Attribute("display", mutability: "readOnly")));

    private static JsonObject SchemaOf(string id, string name, params JsonNode[] attributes) => new()
    {
        ["schemas"] = new JsonArray(SchemaSchema),
        ["id"] = id,
        ["name"] = name,
        ["attributes"] = new JsonArray(attributes),
        ["meta"] = new JsonObject { ["resourceType"] = "Schema", ["location"] = "/scim/v2/Schemas/" + id },
    };

    private static JsonObject Complex(string name, bool isMany, string mutability, params JsonNode[] parts)
    {
        var attribute = Attribute(name, "complex", mutability: mutability);
        attribute["multiValued"] = isMany;
        attribute["subAttributes"] = new JsonArray(parts);
        return attribute;
    }

    private static JsonObject Attribute(
        string name, string type = "string", bool required = false, bool exact = false, string mutability = "readWrite",
            string uniqueness = "none") => new()
        {
            ["name"] = name,
            ["type"] = type,
            ["multiValued"] = false,
            ["required"] = required,
            ["caseExact"] = exact,
            ["mutability"] = mutability,
            ["returned"] = "default",
            ["uniqueness"] = uniqueness,
        };

    private static JsonObject Supported(bool isSupported) => new() { ["supported"] = isSupported };
}

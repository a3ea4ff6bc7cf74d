using System.Text.Json.Nodes;
using Probity.Server.Access.Users;

namespace Probity.Server.Access.Scim;

/// <summary>
/// What of a SCIM user is kept. Other attributes of the core schema are taken and dropped, passwords among them.
/// </summary>
internal sealed record ScimPerson(string Login, string Name, string? Email, string? ExternalId, bool IsActive)
{
    private const int MaxText = 200;

    // RFC 7643 section 4.1: accepted, since directories send them, and not kept.
    private static readonly HashSet<string> s_dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "schemas", "id", "meta", "groups", "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale",
            "timezone", "password",
        "phoneNumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509Certificates",
    };

    /// <exception cref="ScimException">invalidValue.</exception>
    public static ScimPerson Of(JsonObject body)
    {
        var login = ScimJson.Text(body["userName"], "userName") ?? "";
        var name = body["name"] as JsonObject;
        string?[] names =
        [
            ScimJson.Text(body["displayName"], "displayName"), ScimJson.Text(name?["formatted"], "name.formatted"),
            $"{ScimJson.Text(name?["givenName"], "given")} {ScimJson.Text(name?["familyName"], "family")}".Trim(),
            login,
        ];
        return new ScimPerson(
            login,
            names.FirstOrDefault(static n => !string.IsNullOrWhiteSpace(n)) ?? login,
            EmailOf(body["emails"]),
            ScimJson.Text(body["externalId"], "externalId"),
            body["active"] is not { } active || ScimJson.Flag(active, "active")).Checked();
    }

    public static ScimPerson Of(UserRow user) => new(
        user.Login, user.Name, user.Email,
        user.ExternalId?.StartsWith(ScimUsers.NoExternalId, StringComparison.Ordinal) == true ? null : user.ExternalId,
        user.DisabledAt is null);

    /// <summary>The person with one attribute changed; a null value removes it.</summary>
    /// <exception cref="ScimException">invalidPath, invalidValue, mutability.</exception>
    public ScimPerson With(string attribute, JsonNode? value)
    {
        // emails[type eq "work"].value: there is one address, whatever kind the client says it is.
        var simple = attribute.StartsWith("emails", StringComparison.OrdinalIgnoreCase)
            && attribute.Contains('[', StringComparison.Ordinal)
            ? "emails.value" : attribute;
        return simple.ToUpperInvariant() switch
        {
            "ACTIVE" => this with { IsActive = value is not null && ScimJson.Flag(value, attribute) },
            "USERNAME" => this with { Login = ScimJson.Text(value, attribute) ?? "" },
            "DISPLAYNAME" or "NAME.FORMATTED" => this with { Name = ScimJson.Text(value, attribute) ?? Login },
            "NAME" => this with { Name = ScimJson.Text((value as JsonObject)?["formatted"], "name.formatted") ?? Name },
            "NAME.GIVENNAME" or "NAME.FAMILYNAME" or "NAME.MIDDLENAME" => this,
            "NAME.HONORIFICPREFIX" or "NAME.HONORIFICSUFFIX" => this,
            "EXTERNALID" => this with { ExternalId = ScimJson.Text(value, attribute) },
            "EMAILS" => this with { Email = EmailOf(value) },
            "EMAILS.VALUE" =>
                this with { Email = ScimJson.Text(value is JsonObject one ? one["value"] : value, attribute) },
            "ID" or "META" or "GROUPS" =>
                throw new ScimException(StatusCodes.Status400BadRequest, "mutability", "The attribute is read-only."),
            _ when s_dropped.Contains(attribute.Split('[', '.')[0])
                || attribute.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) => this,
            _ => throw ScimException.BadPath("A user has no such attribute."),
        };
    }

    public ScimPerson Checked() =>
        !Logins.IsUsable(Login)
            ? throw ScimException.BadValue("userName is 1 to 200 printable ASCII characters without spaces.")
        : Name.Length > MaxText || Email?.Length > MaxText || ExternalId?.Length > MaxText
            ? throw ScimException.BadValue("A text has more than 200 characters.")
        : ExternalId?.StartsWith(ScimUsers.NoExternalId, StringComparison.Ordinal) == true || ExternalId?.Length == 0
            ? throw ScimException.BadValue("externalId is empty, or begins with scim: which is ours.")
            : this;

    private static string? EmailOf(JsonNode? emails)
    {
        if (emails is not JsonArray { Count: > 0 } list)
        {
            return null;
        }

        var chosen = list.OfType<JsonObject>()
            .FirstOrDefault(static e => e["primary"] is { } p && ScimJson.Flag(p, "emails.primary"))
            ?? list[0] as JsonObject;
        return ScimJson.Text(chosen?["value"], "emails.value");
    }
}

using System.Text.Json;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Maps CloudTrail's <c>userIdentity</c> to who acted, in which role and session, and on whose behalf.</summary>
/// <remarks>Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".</remarks>
internal static class CloudTrailActor
{
    public static ActorDraft Of(JsonElement sourceEvent)
    {
        var identity = sourceEvent.At("userIdentity");
        var issuer = identity.At("sessionContext", "sessionIssuer");
        var type = identity.Text("type");
        var session = SessionOf(identity, type);
        return new ActorDraft(IdOf(identity), TypeOf(type))
        {
            Name = NameOf(identity, issuer, session),
            Role = TypeOf(issuer.Text("type")) == "role" ? issuer.Text("arn") ?? issuer.Text("userName") : null,
            Session = session,
            OnBehalfOf = PrincipalOf(identity, issuer),
        };
    }

    private static string IdOf(JsonElement identity)
        => identity.Text("arn")
            ?? identity.Text("onBehalfOf", "userId")
            ?? identity.Text("principalId")
            ?? identity.Text("invokedBy")
            ?? identity.Text("userName")
            ?? identity.Text("accountId")
            ?? "unknown";

    private static string TypeOf(string? type) => type switch
    {
        "IAMUser" or "IdentityCenterUser" or "SAMLUser" or "WebIdentityUser" or "Directory" => "user",
        "FederatedUser" => "federated_user",
        "AssumedRole" => "assumed_role",
        "Role" => "role",
        "Root" => "root",
        "AWSService" => "service",
        "AWSAccount" => "account",
        _ => "unknown",
    };

    private static string? NameOf(JsonElement identity, JsonElement issuer, string? session)
    {
        if (identity.Text("userName") is { } name)
        {
            return name;
        }

        var role = issuer.Text("userName");
        return (role, session) switch
        {
            (not null, not null) => $"{role}/{session}",
            (not null, null) => role,
            _ => session ?? identity.Text("invokedBy"),
        };
    }

    /// <summary>The session's name stands behind the principal id: <c>AROA…:session</c>.</summary>
    private static string? SessionOf(JsonElement identity, string? type)
    {
        if (type is not ("AssumedRole" or "FederatedUser" or "SAMLUser" or "WebIdentityUser"))
        {
            // A user's own session, with temporary credentials, has no name but its key.
            return identity.At("sessionContext").ValueKind == JsonValueKind.Object ? identity.Text("accessKeyId") : null;
        }

        var principal = identity.Text("principalId") ?? "";
        var colon = principal.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon + 1 < principal.Length ? principal[(colon + 1)..] : identity.Text("accessKeyId");
    }

    /// <summary>
    /// For whom: the named source identity (a person whom the role chain cannot change), the Identity Center user, or
    /// else who issued the session.
    /// </summary>
    private static PrincipalDraft? PrincipalOf(JsonElement identity, JsonElement issuer)
    {
        if (identity.Text("sessionContext", "sourceIdentity") is { } person)
        {
            return new PrincipalDraft(person, "user", person);
        }

        if (identity.Text("arn") is not null && identity.Text("onBehalfOf", "userId") is { } user)
        {
            return new PrincipalDraft(user, "user", null);
        }

        return issuer.Text("arn") is { } arn
            ? new PrincipalDraft(arn, TypeOf(issuer.Text("type")), issuer.Text("userName"))
            : null;
    }
}

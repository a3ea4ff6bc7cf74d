namespace Probity.Server.Access;

/// <summary>The types of the entries that tell of API keys.</summary>
internal static class ApiKeyEvents
{
    public const string Created = "probity.access.key_created";
    public const string Revoked = "probity.access.key_revoked";
}

namespace Probity.Server.Access;

/// <summary>Ids of Access: a prefix and a UUIDv7, made by the server.</summary>
internal static class AccessIds
{
    public const string User = "usr_";
    public const string Role = "rol_";
    public const string Grant = "grt_";
    public const string Session = "ses_";

    public static string New(string prefix, DateTimeOffset now) => prefix + Guid.CreateVersion7(now).ToString("D");
}

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>How the value of a member is kept in the log.</summary>
internal enum MemberClass
{
    /// <summary>As it was sent, in clear.</summary>
    Plain,

    /// <summary>As it was sent, under the key of a person or of the stretch of time.</summary>
    Encrypted,

    /// <summary>As an HMAC under a key of the installation for the field: equal values are seen to be equal.</summary>
    Hashed,

    /// <summary>As the few characters that a person needs to recognise it; the rest is gone.</summary>
    Masked,
}

/// <summary>One rule: how a member is kept.</summary>
/// <param name="Pointer">A JSON Pointer (RFC 6901) into the event; <c>*</c> stands for any member or item.</param>
/// <param name="Class">How it is kept.</param>
internal sealed record ClassRule(string Pointer, MemberClass Class)
{
    /// <summary>What a rule is called that takes an earlier one back.</summary>
    public const string Default = "default";

    /// <summary>Reads the name of a class; null for none that is known.</summary>
    public static MemberClass? Read(string? name) => name switch
    {
        "plain" => MemberClass.Plain,
        "encrypted" => MemberClass.Encrypted,
        "hashed" => MemberClass.Hashed,
        "masked" => MemberClass.Masked,
        _ => null,
    };

    /// <summary>The name of a class on the wire.</summary>
    public static string NameOf(MemberClass known) => known switch
    {
        MemberClass.Plain => "plain",
        MemberClass.Encrypted => "encrypted",
        MemberClass.Hashed => "hashed",
        _ => "masked",
    };
}

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// The event on the wire: its members, their bounds, and which of them are encrypted at rest. People's names,
/// addresses and e-mail, free text and before/after values are; ids, codes and what a search filters by are not. That
/// is the default; <see cref="Classes.MemberClasses"/> says what is in force.
/// </summary>
internal static class EventShape
{
    /// <summary>Most bytes of one event on the wire.</summary>
    public const int MaxEventBytes = 256 * 1024;

    public const int MaxTargets = 100;
    private const int Whole = MaxEventBytes;

    private static readonly ObjectSpec s_onBehalfOf = new(
        "id",
        new("id", IsRequired: true),
        new("name", MaxBytes: 16_384, IsSecret: true, Owner: MemberOwner.OnBehalfOf),
        new("type", MaxBytes: 128));

    private static readonly ObjectSpec s_actor = new(
        "id",
        new("id", IsRequired: true),
        new("type", MaxBytes: 128),
        new("name", MaxBytes: 16_384, IsSecret: true, Owner: MemberOwner.Actor),
        new("email", MaxBytes: 2_048, IsSecret: true, Owner: MemberOwner.Actor),
        new("on_behalf_of", MemberKind.Object, 32_768, Shape: s_onBehalfOf),
        new("role", MaxBytes: 512, Owner: MemberOwner.Actor),
        new("session", Owner: MemberOwner.Actor));

    private static readonly ObjectSpec s_target = new(
        "id",
        new("id", MaxBytes: 2_048, IsRequired: true),
        new("type", MaxBytes: 128),
        new("name", MaxBytes: 16_384, IsSecret: true, Owner: MemberOwner.Target),
        new("email", MaxBytes: 2_048, IsSecret: true, Owner: MemberOwner.Target));

    private static readonly ObjectSpec s_reason = new(
        "text",
        new("case", MaxBytes: 256),
        new("code", MaxBytes: 256, Owner: MemberOwner.Content),
        new("legal_basis", Owner: MemberOwner.Content),
        new("text", MaxBytes: 32_768, IsSecret: true, Owner: MemberOwner.Content),
        new("ticket", MaxBytes: 256, Owner: MemberOwner.Content));

    private static readonly ObjectSpec s_context = new(
        null,
        new("address", MaxBytes: 256, IsSecret: true, Owner: MemberOwner.Actor),
        new("request_id"),
        new("service"),
        new("trace_id", MaxBytes: 128),
        new("user_agent", MaxBytes: 4_096, IsSecret: true, Owner: MemberOwner.Actor));

    private static readonly ObjectSpec s_original = new(
        null, new("format", MaxBytes: 64, IsRequired: true), new("text", MaxBytes: Whole, IsRequired: true));

    public static ObjectSpec Event { get; } = new ObjectSpec(
        null,
        new("action", MaxBytes: 512, IsRequired: true),
        new("actor", MemberKind.Object, 65_536, IsRequired: true, Shape: s_actor),
        new("after", MemberKind.FreeObject, Whole, IsSecret: true, Owner: MemberOwner.Content),
        new("before", MemberKind.FreeObject, Whole, IsSecret: true, Owner: MemberOwner.Content),
        new("context", MemberKind.Object, 16_384, Shape: s_context),
        new("data", MemberKind.FreeObject, Whole, IsSecret: true, Owner: MemberOwner.Content),
        new("external_id"),
        new("occurred_at", MemberKind.Time, 40),
        new("original", MemberKind.Object, Whole, IsSecret: true, Shape: s_original, Owner: MemberOwner.Actor),
        new("outcome", MemberKind.Outcome, 16),
        new("reason", MemberKind.Object, 65_536, Shape: s_reason),
        new("source", MaxBytes: 512),
        new("targets", MemberKind.Objects, Whole, Shape: s_target),
        new("type", MaxBytes: 128)).AtRoot();
}

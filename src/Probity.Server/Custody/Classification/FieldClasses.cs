using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Events.Classes;

namespace Probity.Server.Custody.Classification;

/// <summary>How each member of an event is kept, and under whose key: what the API and the page show.</summary>
internal static class FieldClasses
{
    /// <summary>Every member, by its pointer, and the rules for members below data, before and after.</summary>
    public static FieldClassList List(MemberClasses classes, long? sinceSeq) => new(
        classes.Version,
        sinceSeq,
        [
            .. Of(EventShape.Event, "", classes)
                .Concat(classes.Rules.Where(rule => ClassableMembers.IsBelow(rule.Pointer)).Select(Below))
                .OrderBy(f => f.Pointer, StringComparer.Ordinal),
        ],
        PersonTypes.Names);

    private static FieldClassView Below(ClassRule rule) =>
        new(rule.Pointer, ClassRule.NameOf(rule.Class), null, true, true);

    private static IEnumerable<FieldClassView> Of(ObjectSpec spec, string parent, MemberClasses classes)
    {
        foreach (var member in spec.Members)
        {
            var pointer = $"{parent}/{member.Name}";
            var below = pointer + (member.Kind == MemberKind.Objects ? "/*" : "");
            if (member.Shape is not null && !member.IsSecret)
            {
                foreach (var view in Of(member.Shape, below, classes))
                {
                    yield return view;
                }

                continue;
            }

            var rule = classes.Rules.FirstOrDefault(r => r.Pointer == pointer);
            var isSecret = classes.IsSecret(member);
            yield return new FieldClassView(
                pointer, rule is null ? isSecret ? "encrypted" : "plain" : ClassRule.NameOf(rule.Class),
                isSecret ? Owner(member.Owner) : null, ClassableMembers.Names.Contains(pointer), rule is not null);
        }
    }

    private static string Owner(MemberOwner owner) => owner switch
    {
        MemberOwner.Actor => "the actor",
        MemberOwner.OnBehalfOf => "whom the actor acts for",
        MemberOwner.Target => "the target, where it is a person; else the segment",
        MemberOwner.Content => "the one person among the targets; else the segment",
        _ => "the segment",
    };
}

/// <summary>The classes of all members, and which types of targets are people.</summary>
/// <param name="Version">How many changes there were; 0 for none.</param>
/// <param name="SinceSeq">The number of the entry that states the last change; null for none.</param>
/// <param name="Fields">The members.</param>
/// <param name="PersonTypes">Types of targets that are people.</param>
internal sealed record FieldClassList(
    int Version, long? SinceSeq, IReadOnlyList<FieldClassView> Fields, IReadOnlyList<string> PersonTypes);

/// <summary>How one member is kept.</summary>
/// <param name="Pointer">Where it is; <c>*</c> stands for any item of a list or any member.</param>
/// <param name="Class">plain, encrypted, hashed or masked.</param>
/// <param name="KeyOf">Whose key it, or what is left of it, is encrypted under; null when it is not.</param>
/// <param name="CanChange">Whether it may be kept in another way.</param>
/// <param name="IsChanged">Whether a rule says so, rather than the default.</param>
internal sealed record FieldClassView(string Pointer, string Class, string? KeyOf, bool CanChange, bool IsChanged);

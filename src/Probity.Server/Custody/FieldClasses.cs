using Probity.Server.AuditTrail.Events;

namespace Probity.Server.Custody;

/// <summary>How each member of an event is kept, and under whose key: what the API and the page show.</summary>
internal static class FieldClasses
{
    /// <summary>Every member, in the order of its pointer.</summary>
    public static FieldClassList List() =>
        new(Of(EventShape.Event, "").OrderBy(f => f.Pointer, StringComparer.Ordinal).ToList(), PersonTypes.Names);

    private static IEnumerable<FieldClassView> Of(ObjectSpec spec, string parent)
    {
        foreach (var member in spec.Members)
        {
            var pointer = $"{parent}/{member.Name}" + (member.Kind == MemberKind.Objects ? "/*" : "");
            if (member.Shape is not null && !member.IsSecret)
            {
                foreach (var below in Of(member.Shape, pointer))
                {
                    yield return below;
                }
            }
            else
            {
                yield return new FieldClassView(
                    pointer, member.IsSecret ? "encrypted" : "plain", member.IsSecret ? Owner(member.Owner) : null);
            }
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
internal sealed record FieldClassList(IReadOnlyList<FieldClassView> Fields, IReadOnlyList<string> PersonTypes);

/// <summary>How one member is kept.</summary>
/// <param name="Pointer">Where it is; <c>*</c> stands for any place in a list.</param>
/// <param name="Class">encrypted or plain.</param>
/// <param name="KeyOf">Whose key it is encrypted under; null when plain.</param>
internal sealed record FieldClassView(string Pointer, string Class, string? KeyOf);

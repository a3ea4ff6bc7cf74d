using System.Text.Json;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// An object of a known shape whose members have been checked and lie in canonical order. A member that is absent or
/// null is <see cref="JsonValueKind.Undefined"/>.
/// </summary>
internal sealed class ParsedObject
{
    private readonly JsonItem[] _values;
    private readonly ParsedObject?[]? _children;
    private readonly List<ParsedObject>?[]? _lists;

    private ParsedObject(ObjectSpec spec)
    {
        Spec = spec;
        _values = new JsonItem[spec.Members.Length];
        _children = spec.HasShapes ? new ParsedObject?[spec.Members.Length] : null;
        _lists = spec.HasLists ? new List<ParsedObject>?[spec.Members.Length] : null;
    }

    public ObjectSpec Spec { get; }

    public JsonItem this[int member] => _values[member];

    public bool Has(int member) => _values[member].Kind != JsonValueKind.Undefined;

    public ParsedObject? Child(int member) => _children?[member];

    public IReadOnlyList<ParsedObject> Items(int member) => _lists?[member] ?? [];

    /// <summary>Checks an object against its shape.</summary>
    /// <exception cref="RefusedException">The first member at fault.</exception>
    public static ParsedObject Parse(JsonItem item, ObjectSpec spec)
    {
        var parsed = new ParsedObject(spec);
        if (item.Kind == JsonValueKind.String && spec.Shorthand >= 0)
        {
            parsed.Set(spec.Shorthand, item);
        }
        else if (item.Kind == JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                parsed.Take(member);
            }
        }
        else
        {
            throw new RefusedException("event.bad_field", item.Pointer, $"Send an object with {spec.Names}.");
        }

        parsed.RequireMembers(item);
        return parsed;
    }

    private void Take(JsonMember member)
    {
        for (var i = 0; i < Spec.Members.Length; i++)
        {
            if (member.NameEquals(Spec.Members[i].NameUtf8))
            {
                if (member.Value.Kind != JsonValueKind.Null)
                {
                    Set(i, member.Value);
                }

                return;
            }
        }

        throw new RefusedException(
            "event.unknown_field",
            member.Value.Pointer,
            $"There is no such field here; known are {Spec.Names}. Put members of your own into data.");
    }

    private void Set(int index, JsonItem value)
    {
        var member = Spec.Members[index];
        if (value.Raw.Length > member.MaxBytes + 2)
        {
            throw new RefusedException(
                "event.bad_field", value.Pointer, $"{member.Name} may have {member.MaxBytes} bytes at most.");
        }

        switch (member.Kind)
        {
            case MemberKind.Object:
                _children![index] = Parse(value, member.Shape!);
                break;
            case MemberKind.Objects:
                _lists![index] = ParseList(value, member);
                break;
            case MemberKind.FreeObject:
                if (value.Kind != JsonValueKind.Object)
                {
                    throw Refuse(value, $"{member.Name} must be an object.");
                }

                break;
            default:
                CheckText(value, member);
                break;
        }

        _values[index] = value;
    }

    private static List<ParsedObject> ParseList(JsonItem value, MemberSpec member)
    {
        if (value.Kind != JsonValueKind.Array)
        {
            throw Refuse(value, $"{member.Name} must be a list.");
        }

        var items = new List<ParsedObject>();
        foreach (var item in value.EnumerateArray())
        {
            if (items.Count == EventShape.MaxTargets)
            {
                throw Refuse(item, $"At most {EventShape.MaxTargets} {member.Name}.");
            }

            items.Add(Parse(item, member.Shape!));
        }

        return items;
    }

    private static void CheckText(JsonItem value, MemberSpec member)
    {
        if (value.Kind != JsonValueKind.String || value.Raw.Length <= 2)
        {
            throw Refuse(value, $"{member.Name} must be a string that is not empty.");
        }

        if (member.Kind == MemberKind.Outcome && !IsOutcome(value))
        {
            throw Refuse(value, "outcome is success, failure, denied or unknown.");
        }

        if (member.Kind == MemberKind.Time && !Timestamp.TryParse(value.GetString(), out _))
        {
            throw Refuse(
                value, $"{member.Name} must be an RFC 3339 date-time such as 2026-11-24T18:19:34.5Z.");
        }
    }

    private static bool IsOutcome(JsonItem value) =>
        value.ValueEquals("success"u8) || value.ValueEquals("failure"u8) || value.ValueEquals("denied"u8)
        || value.ValueEquals("unknown"u8);

    private void RequireMembers(JsonItem item)
    {
        for (var i = 0; i < Spec.Members.Length; i++)
        {
            if (Spec.Members[i].IsRequired && !Has(i))
            {
                throw new RefusedException(
                    "event.missing_field",
                    $"{item.Pointer}/{Spec.Members[i].Name}",
                    $"{Spec.Members[i].Name} is required.");
            }
        }
    }

    private static RefusedException Refuse(JsonItem value, string detail) =>
        new("event.bad_field", value.Pointer, detail);
}

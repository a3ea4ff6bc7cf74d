using System.Numerics;
using System.Text.Json;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// An object of a known shape whose members have been checked and lie in canonical order. A member that is absent or
/// null is <see cref="JsonValueKind.Undefined"/>. It is filled again and again, and keeps the objects below it for that:
/// events come in by the hundred thousand a second, and their members would be most of what the collector has to clear.
/// </summary>
internal sealed class ParsedObject
{
    private static readonly List<ParsedObject> s_none = [];

    private readonly JsonItem[] _values;
    private readonly ParsedObject?[]? _children;
    private readonly List<ParsedObject>?[]? _lists;
    private readonly Stack<ParsedObject>? _spare;
    private uint _present;
    private uint _begun; // What may hold something: an object that was refused is not present, but has been filled.

    public ParsedObject(ObjectSpec spec)
    {
        Spec = spec;
        _values = new JsonItem[spec.Members.Length];
        _children = spec.HasShapes ? new ParsedObject?[spec.Members.Length] : null;
        _lists = spec.HasLists ? new List<ParsedObject>?[spec.Members.Length] : null;
        _spare = spec.HasLists ? new Stack<ParsedObject>() : null;
    }

    public ObjectSpec Spec { get; }

    public JsonItem this[int member] => _values[member];

    public bool Has(int member) => (_present & (1u << member)) != 0;

    /// <summary>The members it has, a bit each.</summary>
    public uint Present => _present;

    public ParsedObject? Child(int member) => Has(member) ? _children?[member] : null;

    /// <summary>The objects of a list; empty when it is absent.</summary>
    public List<ParsedObject> Items(int member) => _lists?[member] ?? s_none;

    /// <summary>Checks an object against its shape and takes its members.</summary>
    /// <exception cref="RefusedException">The first member at fault.</exception>
    public void Read(JsonItem item)
    {
        Reset();
        if (item.Kind == JsonValueKind.String && Spec.Shorthand >= 0)
        {
            Set(Spec.Shorthand, item);
        }
        else if (item.Kind == JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                Take(member);
            }
        }
        else
        {
            throw new RefusedException("event.bad_field", item.Pointer, $"Send an object with {Spec.Names}.");
        }

        RequireMembers(item);
    }

    /// <summary>Lets go of what was read.</summary>
    public void Reset()
    {
        Array.Clear(_values);
        for (var left = _begun & Spec.Shapes; left != 0; left &= left - 1)
        {
            Reset(BitOperations.TrailingZeroCount(left));
        }

        (_present, _begun) = (0, 0);
    }

    private void Reset(int shape)
    {
        _children![shape]?.Reset();
        if (_lists?[shape] is { } list)
        {
            list.ForEach(Spare);
            list.Clear();
        }
    }

    private void Take(JsonMember member)
    {
        var found = member.Name.TryGetUnescaped(out var name) ? Spec.Find(name) : Spec.Find(member.Name.GetString());
        if (found >= 0)
        {
            if (member.Value.Kind != JsonValueKind.Null)
            {
                Set(found, member.Value);
            }

            return;
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

        _begun |= 1u << index;
        switch (member.Kind)
        {
            case MemberKind.Object:
                (_children![index] ??= new ParsedObject(member.Shape!)).Read(value);
                break;
            case MemberKind.Objects:
                ReadList(value, member, _lists![index] ??= []);
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
        _present |= 1u << index;
    }

    private void ReadList(JsonItem value, MemberSpec member, List<ParsedObject> items)
    {
        if (value.Kind != JsonValueKind.Array)
        {
            throw Refuse(value, $"{member.Name} must be a list.");
        }

        foreach (var item in value.EnumerateArray())
        {
            if (items.Count == EventShape.MaxTargets)
            {
                throw Refuse(item, $"At most {EventShape.MaxTargets} {member.Name}.");
            }

            items.Add(_spare!.TryPop(out var spare) ? spare : new ParsedObject(member.Shape!));
            items[^1].Read(item);
        }
    }

    private void Spare(ParsedObject item)
    {
        item.Reset();
        _spare!.Push(item);
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
        if ((Spec.Required & ~_present) is not 0 and var missing)
        {
            var name = Spec.Members[BitOperations.TrailingZeroCount(missing)].Name;
            throw new RefusedException("event.missing_field", $"{item.Pointer}/{name}", $"{name} is required.");
        }
    }

    private static RefusedException Refuse(JsonItem value, string detail) =>
        new("event.bad_field", value.Pointer, detail);
}

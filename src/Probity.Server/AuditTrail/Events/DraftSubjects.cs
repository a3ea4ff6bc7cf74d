using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// Whose key each secret member of one event belongs under. Members of one person are one group, sealed together; the
/// group without a person is under the segment's key. Used again for the next event; not thread safe.
/// </summary>
internal sealed class DraftSubjects
{
    private static readonly int s_actor = EventShape.Event.Find("actor");
    private static readonly int s_targets = EventShape.Event.Find("targets");

    private readonly ByteBuffer _name = new(128);
    private readonly ByteBuffer _only = new(128);
    private readonly List<SubjectKey?> _groups = new(4);
    private IFieldCipher? _cipher;
    private ParsedObject? _event;
    private int _actor;
    private int _content;

    /// <summary>The person of each group, null for the one under the segment's key; in the order they were
    /// met.</summary>
    public IReadOnlyList<SubjectKey?> Groups => _groups;

    /// <summary>Turns to another event.</summary>
    public void Begin(ParsedObject parsed, IFieldCipher cipher)
    {
        Clear();
        (_event, _cipher) = (parsed, cipher);
    }

    public void Clear()
    {
        _groups.Clear();
        _name.Clear(); // Has held ids.
        _only.Clear();
        (_event, _cipher, _actor, _content) = (null, null, -1, -1);
    }

    /// <summary>The number of the group that a member belongs to.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="item">Its target's place in the list; 0 elsewhere.</param>
    public int GroupOf(MemberOwner owner, int item) => owner switch
    {
        MemberOwner.Actor => _actor >= 0 ? _actor : _actor = Group(Actor()),
        MemberOwner.Content => _content >= 0 ? _content : _content = Group(OnlyPerson()),
        MemberOwner.OnBehalfOf => Group(OnBehalfOf()),
        MemberOwner.Target => Group(Person(Event.Items(s_targets)[item])),
        _ => Group(null),
    };

    private ParsedObject Event => _event ?? throw new InvalidOperationException("Begin comes first.");

    private int Group(SubjectKey? subject)
    {
        var at = _groups.IndexOf(subject);
        if (at >= 0)
        {
            return at;
        }

        _groups.Add(subject);
        return _groups.Count - 1;
    }

    private SubjectKey Actor() => Find(Event.Child(s_actor)!); // The shape requires an actor.

    private SubjectKey? OnBehalfOf()
    {
        var actor = Event.Child(s_actor)!; // The shape requires an actor.
        return actor.Child(actor.Spec.OnBehalfMember) is { } person ? Find(person) : null;
    }

    /// <summary>The person of the targets, when there is exactly one; a row that stands for the same person counts
    /// once.</summary>
    private SubjectKey? OnlyPerson()
    {
        // Names are compared before any key is asked for: what two persons share needs the key of neither.
        var targets = Event.Items(s_targets);
        var isAny = false;
        for (var i = 0; i < targets.Count; i++)
        {
            if (!Name(targets[i]))
            {
                continue;
            }

            if (isAny && !_name.WrittenSpan.SequenceEqual(_only.WrittenSpan))
            {
                return null;
            }

            if (!isAny)
            {
                _only.ResetWrittenCount();
                _only.Write(_name.WrittenSpan);
                isAny = true;
            }
        }

        return isAny ? _cipher!.FindSubject(_only.WrittenSpan) : null; // Begin has set it.
    }

    private SubjectKey? Person(ParsedObject target) =>
        Name(target) ? _cipher!.FindSubject(_name.WrittenSpan) : null; // Begin has set it.

    /// <summary>Writes the name of a target that is a person.</summary>
    private bool Name(ParsedObject target)
    {
        var type = target[target.Spec.TypeMember];
        var known = type.Kind == JsonValueKind.String ? PersonTypes.Known(type) : [];
        if (known.IsEmpty)
        {
            return false;
        }

        var id = target[target.Spec.IdMember];
        SubjectNames.Write(_name, known, id.TryGetUnescaped(out var plain) ? plain : Unescaped(id));
        return true;
    }

    /// <summary>An actor is a subject whatever its type; one without a type is a user.</summary>
    private SubjectKey Find(ParsedObject actor)
    {
        var type = actor[actor.Spec.TypeMember];
        var id = actor[actor.Spec.IdMember];
        if (type.Kind != JsonValueKind.String)
        {
            return Find([], id);
        }

        var known = PersonTypes.Known(type);
        if (!known.IsEmpty)
        {
            return Find(known, id);
        }

        return type.TryGetUnescaped(out var plain) ? Find(plain, id) : Find(Unescaped(type), id);
    }

    private SubjectKey Find(ReadOnlySpan<byte> type, JsonItem id)
    {
        SubjectNames.Write(_name, type, id.TryGetUnescaped(out var plain) ? plain : Unescaped(id));
        return _cipher!.FindSubject(_name.WrittenSpan); // Begin has set it.
    }

    private static byte[] Unescaped(JsonItem text)
    {
        var bytes = new byte[text.MaxUnescapedLength];
        return bytes[..text.CopyUnescapedUtf8(bytes)];
    }
}

using System.Text;

namespace Probity.Server.AuditTrail.Events;

/// <summary>What a member of an event may hold.</summary>
internal enum MemberKind
{
    /// <summary>A string that is not empty.</summary>
    Text,

    /// <summary>An RFC 3339 date-time.</summary>
    Time,

    /// <summary>success, failure, denied or unknown.</summary>
    Outcome,

    /// <summary>An object of the caller's own shape.</summary>
    FreeObject,

    /// <summary>An object of a known shape.</summary>
    Object,

    /// <summary>A list of objects of a known shape.</summary>
    Objects,
}

/// <summary>Whose key a member is encrypted under.</summary>
internal enum MemberOwner
{
    /// <summary>Nobody's: the key of the stretch of time.</summary>
    Segment,

    /// <summary>The actor's.</summary>
    Actor,

    /// <summary>That of whom the actor acts for.</summary>
    OnBehalfOf,

    /// <summary>The target's that it is a member of, where that is a person.</summary>
    Target,

    /// <summary>The one person's among the targets; nobody's when there is none or more than one.</summary>
    Content,
}

/// <summary>One member of an event on the wire, and how it is kept.</summary>
/// <param name="Name">Its name, in ASCII.</param>
/// <param name="Kind">What it may hold.</param>
/// <param name="MaxBytes">Most bytes of its JSON text.</param>
/// <param name="IsSecret">Whether its value is encrypted at rest.</param>
/// <param name="IsRequired">Whether an object without it is refused.</param>
/// <param name="Shape">The shape of an object or of a list's objects.</param>
/// <param name="Owner">Whose key it is encrypted under.</param>
internal sealed record MemberSpec(
    string Name,
    MemberKind Kind = MemberKind.Text,
    int MaxBytes = 1_024,
    bool IsSecret = false,
    bool IsRequired = false,
    ObjectSpec? Shape = null,
    MemberOwner Owner = MemberOwner.Segment)
{
    public byte[] NameUtf8 { get; } = Encoding.ASCII.GetBytes(Name);

    /// <summary>Which of all members of the event it is, from 0: what tables of members are indexed by.</summary>
    public int Number { get; set; }

    /// <summary>The quoted name and its colon.</summary>
    public byte[] Prefix { get; } = Encoding.ASCII.GetBytes($"\"{Name}\":");

    /// <summary>The pointer to it, by the item of the list that it is in; at 0 when it is in no list.</summary>
    public string[] Pointers { get; private set; } = [];

    /// <summary>The same as quoted JSON with a comma before it, as lists of pointers hold it.</summary>
    public byte[][] ListedPointers { get; private set; } = [];

    /// <summary>Gives it its place in the event; a shape has one place only, so this happens once.</summary>
    public void Place(string[] parents)
    {
        Pointers = [.. parents.Select(parent => $"{parent}/{Name}")];
        ListedPointers = [.. Pointers.Select(pointer => Encoding.ASCII.GetBytes($",\"{pointer}\""))];
        Shape?.Place(Kind == MemberKind.Objects
            ? [.. Enumerable.Range(0, EventShape.MaxTargets).Select(item => $"{Pointers[0]}/{item}")]
            : Pointers);
    }
}

/// <summary>The members an object may have, in canonical order.</summary>
internal sealed class ObjectSpec
{
    private const int Slots = 64;

    private readonly sbyte[] _byName;

    public ObjectSpec(string? shorthand, params MemberSpec[] members)
    {
        Members = [.. members.OrderBy(member => member.Name, StringComparer.Ordinal)];
        HasLists = Array.Exists(Members, static member => member.Kind == MemberKind.Objects);
        HasShapes = Array.Exists(Members, static member => member.Shape is not null);
        Shorthand = Array.FindIndex(Members, member => member.Name == shorthand);
        IdMember = Find("id");
        TypeMember = Find("type");
        OnBehalfMember = Find("on_behalf_of");
        _byName = Table(Members);
        for (var i = 0; i < Members.Length; i++)
        {
            Shapes |= Members[i].Shape is null ? 0 : 1u << i;
            Required |= Members[i].IsRequired ? 1u << i : 0;
        }
    }

    public MemberSpec[] Members { get; }

    /// <summary>The member that a bare string stands for, or -1.</summary>
    public int Shorthand { get; }

    /// <summary>The member <c>id</c>, or -1; found once, since every event asks.</summary>
    public int IdMember { get; }

    /// <summary>The member <c>type</c>, or -1.</summary>
    public int TypeMember { get; }

    /// <summary>The member <c>on_behalf_of</c>, or -1.</summary>
    public int OnBehalfMember { get; }

    /// <summary>Whether a member is a list of objects.</summary>
    public bool HasLists { get; }

    /// <summary>Whether a member is an object or a list of objects.</summary>
    public bool HasShapes { get; }

    /// <summary>The members that are objects or lists of objects, a bit each.</summary>
    public uint Shapes { get; }

    /// <summary>The members without which an object is refused, a bit each.</summary>
    public uint Required { get; }

    /// <summary>Which of all shapes of the event it is, from 0: what tables of shapes are indexed by.</summary>
    public int Number { get; private set; }

    /// <summary>How many shapes there are; of the root only.</summary>
    public int ShapeCount { get; private set; }

    /// <summary>Every member below by its pointer, <c>*</c> for any item of a list; of the root only.</summary>
    public IReadOnlyDictionary<string, MemberSpec> Numbered { get; private set; } =
        new Dictionary<string, MemberSpec>();

    /// <summary>Tells every member below its pointer and its number.</summary>
    public ObjectSpec AtRoot()
    {
        Place([""]);
        var numbered = new Dictionary<string, MemberSpec>(StringComparer.Ordinal);
        ShapeCount = Collect("", numbered, 0);
        Numbered = numbered;
        return this;
    }

    private int Collect(string parent, Dictionary<string, MemberSpec> numbered, int shapes)
    {
        Number = shapes++;
        foreach (var member in Members)
        {
            member.Number = numbered.Count;
            numbered.Add($"{parent}/{member.Name}", member);
            var below = $"{parent}/{member.Name}" + (member.Kind == MemberKind.Objects ? "/*" : "");
            shapes = member.Shape?.Collect(below, numbered, shapes) ?? shapes;
        }

        return shapes;
    }

    public void Place(string[] parents) => Array.ForEach(Members, member => member.Place(parents));

    public int Find(string name) => Array.FindIndex(Members, member => member.Name == name);

    /// <summary>The member of a name, or -1; every member of every event is looked up by it.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var slot = SlotOf(name); _byName[slot] >= 0; slot = (slot + 1) % Slots)
        {
            if (name.SequenceEqual(Members[_byName[slot]].NameUtf8))
            {
                return _byName[slot];
            }
        }

        return -1;
    }

    // Far fewer members than slots, so that a name of none soon meets an empty one.
    private static sbyte[] Table(MemberSpec[] members)
    {
        var table = new sbyte[Slots];
        Array.Fill(table, (sbyte)-1);
        for (var i = 0; i < members.Length; i++)
        {
            var slot = SlotOf(members[i].NameUtf8);
            while (table[slot] >= 0)
            {
                slot = (slot + 1) % Slots;
            }

            table[slot] = (sbyte)i;
        }

        return table;
    }

    private static int SlotOf(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : ((name.Length * 11) + (name[0] * 5) + (name[^1] * 3)) % Slots;

    public string Names => string.Join(", ", Members.Select(member => member.Name));
}

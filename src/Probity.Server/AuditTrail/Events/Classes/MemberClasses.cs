namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// How every member is kept, as of one version of the rules. Immutable; thread safe. Without rules it is what the shape
/// of events says, and costs an array access for each member.
/// </summary>
internal sealed class MemberClasses
{
    private readonly bool[] _secret;
    private readonly uint[] _secretsOfShape = new uint[EventShape.Event.ShapeCount];

    private MemberClasses(int version, IReadOnlyList<ClassRule> rules, EventRewriter? rewriter)
    {
        (Version, Rules, Rewriter) = (version, rules, rewriter);
        _secret = new bool[EventShape.Event.Numbered.Count];
        foreach (var (pointer, member) in EventShape.Event.Numbered)
        {
            _secret[member.Number] = rules.FirstOrDefault(rule => rule.Pointer == pointer)?.Class switch
            {
                MemberClass.Encrypted => true,
                MemberClass.Plain => false,
                _ => member.IsSecret, // What is hashed or masked stays under the same key, so that it can be erased.
            };
        }

        Collect(EventShape.Event);
    }

    /// <summary>What the shape of events says; Probity's own entries are always kept so.</summary>
    public static MemberClasses Default { get; } = new(0, [], null);

    /// <summary>From 0, which has no rules; each change is one more.</summary>
    public int Version { get; }

    /// <summary>The rules in force, by pointer.</summary>
    public IReadOnlyList<ClassRule> Rules { get; }

    /// <summary>Hashes and masks; null when no rule asks for it, so that it costs nothing then.</summary>
    public EventRewriter? Rewriter { get; }

    /// <summary>The classes under a set of rules.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="rules">One for each pointer at most.</param>
    /// <param name="hashKey">The installation's key that the keys of hashed fields are derived from.</param>
    public static MemberClasses Of(int version, IEnumerable<ClassRule> rules, byte[] hashKey)
    {
        ClassRule[] sorted = [.. rules.OrderBy(rule => rule.Pointer, StringComparer.Ordinal)];
        var rewritten = sorted.Where(rule => rule.Class is MemberClass.Hashed or MemberClass.Masked).ToList();
        return new(version, sorted, rewritten.Count == 0 ? null : new EventRewriter(rewritten, hashKey));
    }

    /// <summary>Whether the value of a member is encrypted, if encryption is on.</summary>
    public bool IsSecret(MemberSpec member) => _secret[member.Number];

    /// <summary>The members of a shape whose values are encrypted, if encryption is on; a bit each.</summary>
    public uint SecretsOf(ObjectSpec shape) => _secretsOfShape[shape.Number];

    private void Collect(ObjectSpec shape)
    {
        for (var i = 0; i < shape.Members.Length; i++)
        {
            _secretsOfShape[shape.Number] |= IsSecret(shape.Members[i]) ? 1u << i : 0;
            if (shape.Members[i].Shape is { } below)
            {
                Collect(below);
            }
        }
    }
}

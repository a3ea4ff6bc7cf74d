using System.Buffers;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// Writes an event anew with values hashed or masked where rules say so; all else is copied byte for byte. A value that
/// is hashed or masked becomes a string, whatever it was; null stays null. The text that a source sent says the same
/// values in its own form, which no pointer leads into: where a value of an event is hashed or masked, its original is
/// kept as a hash too. Thread safe.
/// </summary>
internal sealed class EventRewriter
{
    /// <summary>Where the text of the source stands; the key of its hash is that of a field of this pointer.</summary>
    public const string OriginalText = "/original/text";

    private readonly Node _root;
    private readonly Node _rootWithOriginal;

    /// <param name="rules">Rules of the classes hashed and masked.</param>
    /// <param name="hashKey">The installation's key that those of hashed fields are derived from.</param>
    public EventRewriter(IEnumerable<ClassRule> rules, byte[] hashKey)
    {
        ClassRule[] all = [.. rules];
        _root = Tree(all, hashKey);
        _rootWithOriginal = Tree([.. all, new ClassRule(OriginalText, MemberClass.Hashed)], hashKey);
    }

    /// <summary>The event as it is to be sealed.</summary>
    public ReadOnlyMemory<byte> Rewrite(JsonItem item)
    {
        var to = new ArrayBufferWriter<byte>(item.Raw.Length + 256);
        if (Write(item, _root, to) && HasOriginal(item))
        {
            to.ResetWrittenCount();
            Write(item, _rootWithOriginal, to);
        }

        return to.WrittenMemory;
    }

    private static Node Tree(ClassRule[] rules, byte[] hashKey)
    {
        var root = new Node();
        foreach (var rule in rules)
        {
            var node = root;
            foreach (var segment in rule.Pointer[1..].Split('/'))
            {
                node = node.Add(segment.Replace("~1", "/", StringComparison.Ordinal)
                    .Replace("~0", "~", StringComparison.Ordinal));
            }

            node.Hash = rule.Class == MemberClass.Hashed ? new FieldHash(rule.Pointer, hashKey) : null;
            node.IsLeaf = true;
        }

        // A reason may be sent as its text alone.
        root.Find("reason")?.TakeShorthand("text");
        return root;
    }

    private static bool HasOriginal(JsonItem item)
    {
        if (item.Kind == JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                if (member.Name.GetString() == "original" && member.Value.Kind == JsonValueKind.Object)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a value was replaced.</summary>
    private static bool Write(JsonItem item, Node? node, ArrayBufferWriter<byte> to)
    {
        if (node is null || item.Kind == JsonValueKind.Null)
        {
            to.Write(item.Raw);
            return false;
        }

        if (node.IsLeaf)
        {
            Replace(item, node, to);
            return true;
        }

        if (item.Kind == JsonValueKind.Object)
        {
            return WriteObject(item, node, to);
        }

        if (item.Kind == JsonValueKind.Array)
        {
            return WriteArray(item, node, to);
        }

        if (item.Kind == JsonValueKind.String && node.Shorthand is { } shorthand)
        {
            Replace(item, shorthand, to);
            return true;
        }

        to.Write(item.Raw);
        return false;
    }

    private static bool WriteObject(JsonItem item, Node node, ArrayBufferWriter<byte> to)
    {
        var isReplaced = false;
        to.Write("{"u8);
        var first = true;
        foreach (var member in item.EnumerateObject())
        {
            to.Write(first ? [] : ","u8);
            first = false;
            to.Write(member.Name.Raw);
            to.Write(":"u8);
            isReplaced |= Write(member.Value, node.Find(member.Name.GetString()), to);
        }

        to.Write("}"u8);
        return isReplaced;
    }

    private static bool WriteArray(JsonItem item, Node node, ArrayBufferWriter<byte> to)
    {
        var isReplaced = false;
        to.Write("["u8);
        var first = true;
        foreach (var element in item.EnumerateArray())
        {
            to.Write(first ? [] : ","u8);
            first = false;
            isReplaced |= Write(element, node.Any, to);
        }

        to.Write("]"u8);
        return isReplaced;
    }

    private static void Replace(JsonItem item, Node node, ArrayBufferWriter<byte> to)
    {
        var replaced = node.Hash is { } hash ? Hashed(item, hash)
            : Mask.Text(item.Kind switch
            {
                JsonValueKind.String => item.GetString(),
                JsonValueKind.Number => Encoding.ASCII.GetString(item.Raw),
                _ => "", // Of a list, an object, true and false nothing can be shown that is not the value itself.
            });
        CanonicalJson.WriteString(to, replaced);
    }

    private static string Hashed(JsonItem item, FieldHash hash)
    {
        var canonical = new ArrayBufferWriter<byte>(item.Raw.Length + 16);
        item.WriteCanonical(canonical);
        return hash.Of(canonical.WrittenSpan);
    }

    /// <summary>One step of the pointers; a member of its own name goes before <c>*</c>.</summary>
    private sealed class Node
    {
        private readonly Dictionary<string, Node> _members = new(StringComparer.Ordinal);

        public Node? Any { get; private set; }

        public bool IsLeaf { get; set; }

        public FieldHash? Hash { get; set; }

        public Node? Shorthand { get; private set; }

        public Node Add(string segment)
        {
            if (segment == "*")
            {
                return Any ??= new Node();
            }

            if (!_members.TryGetValue(segment, out var node))
            {
                _members.Add(segment, node = new Node());
            }

            return node;
        }

        public Node? Find(string name) => _members.TryGetValue(name, out var node) ? node : Any;

        public void TakeShorthand(string name) => Shorthand = _members.GetValueOrDefault(name);
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// Writes an event anew with values hashed or masked where rules say so; all else is copied byte for byte. A value that
/// is hashed or masked becomes a string, whatever it was; null stays null. Thread safe.
/// </summary>
internal sealed class EventRewriter
{
    private readonly Node _root = new();

    /// <param name="rules">Rules of the classes hashed and masked.</param>
    /// <param name="hashKey">The installation's key that those of hashed fields are derived from.</param>
    public EventRewriter(IEnumerable<ClassRule> rules, byte[] hashKey)
    {
        foreach (var rule in rules)
        {
            var node = _root;
            foreach (var segment in rule.Pointer[1..].Split('/'))
            {
                node = node.Add(segment.Replace("~1", "/", StringComparison.Ordinal)
                    .Replace("~0", "~", StringComparison.Ordinal));
            }

            node.Hash = rule.Class == MemberClass.Hashed ? new FieldHash(rule.Pointer, hashKey) : null;
            node.IsLeaf = true;
        }

        // A reason may be sent as its text alone.
        _root.Find("reason")?.TakeShorthand("text");
    }

    /// <summary>The event as it is to be sealed.</summary>
    public ReadOnlyMemory<byte> Rewrite(JsonItem item)
    {
        var to = new ArrayBufferWriter<byte>(item.Raw.Length + 256);
        Write(item, _root, to);
        return to.WrittenMemory;
    }

    private static void Write(JsonItem item, Node? node, ArrayBufferWriter<byte> to)
    {
        if (node is null || item.Kind == JsonValueKind.Null)
        {
            to.Write(item.Raw);
        }
        else if (node.IsLeaf)
        {
            Replace(item, node, to);
        }
        else if (item.Kind == JsonValueKind.Object)
        {
            WriteObject(item, node, to);
        }
        else if (item.Kind == JsonValueKind.Array)
        {
            WriteArray(item, node, to);
        }
        else if (item.Kind == JsonValueKind.String && node.Shorthand is { } shorthand)
        {
            Replace(item, shorthand, to);
        }
        else
        {
            to.Write(item.Raw);
        }
    }

    private static void WriteObject(JsonItem item, Node node, ArrayBufferWriter<byte> to)
    {
        to.Write("{"u8);
        var first = true;
        foreach (var member in item.EnumerateObject())
        {
            to.Write(first ? [] : ","u8);
            first = false;
            to.Write(member.Name.Raw);
            to.Write(":"u8);
            Write(member.Value, node.Find(member.Name.GetString()), to);
        }

        to.Write("}"u8);
    }

    private static void WriteArray(JsonItem item, Node node, ArrayBufferWriter<byte> to)
    {
        to.Write("["u8);
        var first = true;
        foreach (var element in item.EnumerateArray())
        {
            to.Write(first ? [] : ","u8);
            first = false;
            Write(element, node.Any, to);
        }

        to.Write("]"u8);
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

using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// An element of a payment message, whether it came as XML or as JSON: what it is called, what it says, and where it
/// stands. Names are those of ISO 20022; namespaces are judged before, at the document.
/// </summary>
/// <param name="name">The local name.</param>
/// <param name="path">Where it stands: XPath in XML, JSON Pointer in JSON.</param>
internal sealed class MessageNode(string name, string path)
{
    private List<MessageNode>? _children;

    public string Name => name;

    /// <summary>Where it stands, for faults and for whoever looks at the original.</summary>
    public string Path => path;

    /// <summary>The text without white space around it; "" for an element of elements.</summary>
    public string Text { get; set; } = "";

    /// <summary>The attribute <c>Ccy</c> of an amount; null without one.</summary>
    public string? Currency { get; set; }

    public IReadOnlyList<MessageNode> Children => _children ?? [];

    public void Add(MessageNode child) => (_children ??= []).Add(child);

    /// <summary>Children of a name, in their order.</summary>
    public IEnumerable<MessageNode> Many(string child) => Children.Where(item => item.Name == child);

    /// <summary>The first element at a path such as <c>PmtId/EndToEndId</c>; null when there is none.</summary>
    public MessageNode? At(string steps)
    {
        MessageNode? node = this;
        foreach (var step in steps.Split('/'))
        {
            node = node?.Children.FirstOrDefault(item => item.Name == step);
        }

        return node;
    }

    /// <summary>The text at the first of these paths that says something; null when none does.</summary>
    public string? TextAt(params ReadOnlySpan<string> paths)
    {
        foreach (var steps in paths)
        {
            if (At(steps) is { Text.Length: > 0 } node)
            {
                return node.Text;
            }
        }

        return null;
    }

    /// <summary>The element at a path.</summary>
    /// <exception cref="InputRefusedException">There is none.</exception>
    public MessageNode Need(string steps) => At(steps) ?? throw Missing(steps);

    /// <summary>The fault of an element that is not there.</summary>
    public InputRefusedException Missing(string steps) =>
        new($"{path}/{steps}", "monitoring.message_element_missing", "The message needs this element.");
}

using System.Text;
using System.Xml;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// Reads XML of strangers: no document type, so no entities and nothing from elsewhere; bounded in bytes, elements and
/// depth. Pure and thread safe.
/// </summary>
internal static class MessageXml
{
    /// <summary>The deepest element; real messages stay below 20.</summary>
    public const int MaxDepth = 40;

    /// <summary>The most elements of one message.</summary>
    public const int MaxElements = 400_000;

    private const int WrapperDepth = 4;

    /// <summary>Reads a message, alone or in an envelope with a header (<c>AppHdr</c>).</summary>
    /// <returns>The element <c>Document</c> and its namespace.</returns>
    /// <exception cref="InputRefusedException">It is no XML, forbidden XML, or not one document.</exception>
    public static (MessageNode Document, string Namespace) Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(message.ToArray()), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersFromEntities = 1, // Without a document type there are none but the five of XML itself.
                MaxCharactersInDocument = message.Length,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                CheckCharacters = true,
            });
            return ReadDocument(reader);
        }
        catch (XmlException fault)
        {
            var isTyped = message.Span.IndexOf("<!DOCTYPE"u8) >= 0;
            throw isTyped
                ? new InputRefusedException(
                    "/", "monitoring.message_dtd",
                    "The message has a document type or entities, which are never read; send it without.")
                : new InputRefusedException(
                    FormattableString.Invariant($"/ (line {fault.LineNumber}, column {fault.LinePosition})"),
                    "monitoring.message_syntax", "The message is no well-formed XML; send it as it was made.");
        }
    }

    private static (MessageNode Document, string Namespace) ReadDocument(XmlReader reader)
    {
        (MessageNode Document, string Namespace)? found = null;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element || reader.LocalName != "Document"
                || reader.Depth > WrapperDepth)
            {
                continue;
            }

            if (found is not null)
            {
                throw new InputRefusedException(
                    "/Document[2]", "monitoring.message_many", "Send one message a request; this envelope holds more.");
            }

            found = (ReadElement(reader), reader.NamespaceURI);
        }

        return found ?? throw new InputRefusedException(
            "/", "monitoring.message_unknown", "There is no element Document of ISO 20022 in it.");
    }

    // From the start tag to the end tag of the element the reader stands on; on return it stands on that end.
    private static MessageNode ReadElement(XmlReader reader)
    {
        var root = new MessageNode(reader.LocalName, "/" + reader.LocalName);
        if (reader.IsEmptyElement)
        {
            return root;
        }

        var open = new Stack<(MessageNode Node, Dictionary<string, int> Counts, StringBuilder Text)>();
        open.Push((root, [], new StringBuilder()));
        var elements = 1;
        while (open.Count > 0 && reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Bound(open.Peek().Node, open.Count, ++elements);
                    var (child, isEmpty) = Child(reader, open.Peek());
                    if (!isEmpty)
                    {
                        open.Push((child, [], new StringBuilder()));
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    open.Peek().Text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    var (node, _, text) = open.Pop();
                    node.Text = text.ToString().Trim();
                    break;
                default:
                    break; // White space and comments say nothing.
            }
        }

        return root;
    }

    private static (MessageNode Child, bool IsEmpty) Child(
        XmlReader reader, (MessageNode Node, Dictionary<string, int> Counts, StringBuilder Text) parent)
    {
        var name = reader.LocalName;
        var count = parent.Counts[name] = parent.Counts.GetValueOrDefault(name) + 1;
        var path = count == 1 ? $"{parent.Node.Path}/{name}"
            : FormattableString.Invariant($"{parent.Node.Path}/{name}[{count}]");
        var child = new MessageNode(name, path) { Currency = reader.GetAttribute("Ccy") };
        parent.Node.Add(child);
        return (child, reader.IsEmptyElement);
    }

    private static void Bound(MessageNode at, int depth, int elements)
    {
        if (depth >= MaxDepth || elements > MaxElements)
        {
            throw new InputRefusedException(
                at.Path, "monitoring.message_too_large",
                $"A message has at most {MaxElements} elements, {MaxDepth} deep; split it.");
        }
    }
}

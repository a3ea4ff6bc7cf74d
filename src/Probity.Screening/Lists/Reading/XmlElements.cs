using System.Xml;
using System.Xml.Linq;

namespace Probity.Screening.Lists.Reading;

/// <summary>Reads the elements of an XML list one after the other, without DTD, entities or outside
/// references.</summary>
internal sealed class XmlElements : IDisposable
{
    private readonly ListFile _file;
    private readonly ListLimits _limits;
    private readonly TextReader _text;
    private readonly XmlReader _reader;

    /// <summary>Opens a file and moves to its root element.</summary>
    /// <exception cref="ListFormatException">The file is not UTF-8, not XML, or has a DTD.</exception>
    public XmlElements(ListFile file, ListLimits limits)
    {
        _file = file;
        _limits = limits;
        RefuseForeignEncoding(file, limits);
        _text = ListText.Utf8(file, limits);
        _reader = XmlReader.Create(_text, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = limits.FileBytes,
        });
        Guarded(() => _reader.MoveToContent());
    }

    /// <summary>Gets the local name of the root element.</summary>
    public string Root => _reader.LocalName;

    /// <summary>Gets an attribute of the root element while nothing has been read, or null.</summary>
    public string? RootAttribute(string name) => _reader.GetAttribute(name);

    /// <summary>Reads on, giving each element of one of the names with all below it.</summary>
    /// <param name="names">Local names; elements within an element given are not given again.</param>
    /// <exception cref="ListFormatException">The XML is broken or nested too deep.</exception>
    public IEnumerable<XmlElement> Read(params string[] names)
    {
        while (Step(names))
        {
            var line = ((IXmlLineInfo)_reader).LineNumber;
            yield return new XmlElement(Guarded(Subtree), line);
        }
    }

    /// <summary>Makes a refusal at a line.</summary>
    public ListFormatException Fault(long line, string? field, string problem, string remedy) =>
        new(new ListFault(ListFaultKind.Structure, _file.Name, line, field, problem, remedy));

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _text.Dispose();
    }

    private static void RefuseForeignEncoding(ListFile file, ListLimits limits)
    {
        var head = file.Inspect(limits).Head;
        var start = System.Text.Encoding.Latin1.GetString(head, 0, Math.Min(head.Length, 200));
        var at = start.IndexOf("encoding=", StringComparison.OrdinalIgnoreCase);
        if (at >= 0 && at < start.IndexOf("?>", StringComparison.Ordinal)
            && !start.AsSpan(at + 10).StartsWith("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new ListFormatException(new ListFault(ListFaultKind.Encoding, file.Name, 1, "encoding",
                "The XML declaration names another encoding than UTF-8.",
                "Publishers use UTF-8: download the file again and do not save it in between."));
        }
    }

    // A subtree read leaves the reader on the element after it, so a step first looks at where it stands.
    private bool Step(string[] names) => Guarded(() =>
    {
        while (!_reader.EOF)
        {
            if (_reader.NodeType == XmlNodeType.Element && Array.IndexOf(names, _reader.LocalName) >= 0)
            {
                return true;
            }

            if (_reader.Depth > _limits.XmlDepth)
            {
                throw TooDeep();
            }

            _reader.Read();
        }

        return false;
    });

    private XElement Subtree()
    {
        var element = (XElement)XNode.ReadFrom(_reader);
        return Depth(element, _limits.XmlDepth) ? element : throw TooDeep();
    }

    private static bool Depth(XElement element, int left) =>
        left > 0 && element.Elements().All(child => Depth(child, left - 1));

    private ListFormatException TooDeep() => new(new ListFault(ListFaultKind.TooLarge, _file.Name,
        ((IXmlLineInfo)_reader).LineNumber, null, $"Elements are nested deeper than {_limits.XmlDepth}.",
        "No list is built like this: check where the file comes from."));

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (XmlException fault)
        {
            var isDtd = fault.Message.Contains("DTD", StringComparison.Ordinal);
            throw new ListFormatException(isDtd
                ? new ListFault(ListFaultKind.Forbidden, _file.Name, fault.LineNumber, null,
                    "The XML holds a DTD or entities.", "No list needs them: check where the file comes from.")
                : new ListFault(ListFaultKind.Structure, _file.Name, fault.LineNumber, null,
                    "The XML is broken: " + fault.Message, "The file is cut off or damaged: download it again."));
        }
    }
}

/// <summary>An element of a list with the line it begins on; reads by local names, whatever the namespace.</summary>
internal sealed class XmlElement(XElement element, long line)
{
    public long Line => line;

    public string Name => element.Name.LocalName;

    /// <summary>Gets the trimmed text of the element itself.</summary>
    public string Text => element.Value.Trim();

    /// <summary>Gets the trimmed text of the first element at a path of local names; empty when there is
    /// none.</summary>
    public string this[string path] => All(path).FirstOrDefault()?.Text ?? "";

    /// <summary>Gets an attribute, trimmed; empty when it is not there.</summary>
    public string Attribute(string name) => element.Attribute(name)?.Value.Trim() ?? "";

    /// <summary>Lists the elements at a path of local names separated by slashes, in document order.</summary>
    public IEnumerable<XmlElement> All(string path)
    {
        IEnumerable<XElement> found = [element];
        foreach (var name in path.Split('/'))
        {
            found = found.SelectMany(item => item.Elements().Where(child => child.Name.LocalName == name));
        }

        return found.Select(item => new XmlElement(item, line));
    }

    /// <summary>Gets the first element at a path, or null.</summary>
    public XmlElement? First(string path) => All(path).FirstOrDefault();
}

using System.Text.Json;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>Finds out from the beginning of a file how its events stand in it.</summary>
internal static class LayoutProbe
{
    private const int ProbeBytes = 1024 * 1024;

    public static async ValueTask<SourceLayout> FindAsync(
        SourceWindow window, IReadOnlyList<string> wrapperMembers, CancellationToken cancellationToken)
    {
        while (true)
        {
            await window.FillAsync(cancellationToken);
            var last = window.Completed || window.Bytes.Length >= ProbeBytes;
            if (Decide(window, wrapperMembers, last) is { } layout)
            {
                return layout;
            }
        }
    }

    private static SourceLayout? Decide(SourceWindow window, IReadOnlyList<string> wrapperMembers, bool last)
    {
        var bytes = window.Span;
        if (bytes.Length < 4 && !last)
        {
            return null;
        }

        if (bytes.StartsWith("\uFEFF"u8))
        {
            window.Advance(3);
            bytes = window.Span;
        }

        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, ..] or [_, 0, ..])
        {
            return SourceLayout.Unreadable;
        }

        var text = bytes.TrimStart(" \t\r\n"u8);
        return text switch
        {
            [] when !last => null,
            [(byte)'[', ..] => SourceLayout.Arrays,
            [(byte)'{', ..] => OfObject(text, wrapperMembers, last),
            _ => SourceLayout.Lines,
        };
    }

    private static SourceLayout? OfObject(ReadOnlySpan<byte> text, IReadOnlyList<string> wrapperMembers, bool last)
    {
        try
        {
            return Walk(text, wrapperMembers) ?? (last ? ByFirstLine(text) : null);
        }
        catch (JsonException)
        {
            return ByFirstLine(text);
        }
    }

    /// <summary>Walks the first object; null when it does not end within the bytes at hand.</summary>
    private static SourceLayout? Walk(ReadOnlySpan<byte> text, IReadOnlyList<string> wrapperMembers)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, state: default);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.EndObject)
            {
                return text[..(int)reader.BytesConsumed].Contains((byte)'\n')
                    ? SourceLayout.Sequence
                    : SourceLayout.Lines;
            }

            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                var named = IsWrapper(ref reader, wrapperMembers);
                if (reader.Read() && named && reader.TokenType == JsonTokenType.StartArray)
                {
                    return SourceLayout.Wrapped;
                }
            }
        }

        return null;
    }

    private static bool IsWrapper(ref Utf8JsonReader reader, IReadOnlyList<string> wrapperMembers)
    {
        foreach (var member in wrapperMembers)
        {
            if (reader.ValueTextEquals(member))
            {
                return true;
            }
        }

        return false;
    }

    private static SourceLayout ByFirstLine(ReadOnlySpan<byte> text)
    {
        var newLine = text.IndexOf((byte)'\n');
        return newLine > 0 && text[..newLine].TrimEnd(" \t\r"u8) is [(byte)'{']
            ? SourceLayout.Sequence
            : SourceLayout.Lines;
    }
}

using System.Globalization;
using System.Text;

namespace Probity.Ledger.Json;

/// <summary>
/// Makes JSON Pointers (RFC 6901) to places on a tape. Only refusals need them, so they walk and allocate.
/// </summary>
internal static class JsonPointer
{
    /// <summary>The pointer to a finished token; a name has the pointer of its value.</summary>
    public static string To(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int target)
    {
        var pointer = new StringBuilder();
        var at = 0;
        while (at < target)
        {
            at = Descend(json, tokens, at, target, pointer);
        }

        return pointer.ToString();
    }

    /// <summary>The pointer to an array or object that is still open.</summary>
    public static StringBuilder ToOpen(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int container)
    {
        if (container < 0 || tokens[container].Next < 0)
        {
            return new StringBuilder();
        }

        var parent = tokens[container].Next;
        var pointer = ToOpen(json, tokens, parent);
        return tokens[parent].Kind == TokenKind.Object
            ? AppendName(pointer, json, tokens[container - 1])
            : AppendIndex(pointer, tokens[parent].Link - 1);
    }

    /// <summary>Appends one name, escaped as RFC 6901 §3 says.</summary>
    public static StringBuilder AppendName(StringBuilder pointer, ReadOnlySpan<byte> json, in JsonToken name)
    {
        var plain = new byte[name.Length];
        var text = Encoding.UTF8.GetString(plain, 0, JsonText.Unescape(name.Content(json), plain));
        return pointer.Append('/').Append(
            text.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
    }

    public static StringBuilder AppendIndex(StringBuilder pointer, int index)
        => pointer.Append('/').Append(index.ToString(CultureInfo.InvariantCulture));

    private static int Descend(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int container, int target, StringBuilder pointer)
    {
        var isObject = tokens[container].Kind == TokenKind.Object;
        var index = 0;
        var child = container + 1;
        while (true)
        {
            var value = isObject ? child + 1 : child;
            if (target < tokens[value].Next)
            {
                _ = isObject ? AppendName(pointer, json, tokens[child]) : AppendIndex(pointer, index);
                return target == child ? target : value;
            }

            child = tokens[value].Next;
            index++;
        }
    }
}

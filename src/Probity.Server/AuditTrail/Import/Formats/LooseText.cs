using System.Globalization;
using System.Text;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Unescapes a JSON string that holds half of a surrogate pair, which the platform's reader refuses.</summary>
internal static class LooseText
{
    public static string Unescape(ReadOnlySpan<char> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var at = 0; at < escaped.Length; at++)
        {
            if (escaped[at] != '\\')
            {
                text.Append(escaped[at]);
            }
            else if (escaped[++at] == 'u')
            {
                text.Append((char)int.Parse(
                    escaped.Slice(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
            {
                text.Append(Of(escaped[at]));
            }
        }

        // Encoding and decoding puts U+FFFD in place of every half pair.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD').ToString()));
    }

    private static char Of(char escape) => escape switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => escape,
    };
}

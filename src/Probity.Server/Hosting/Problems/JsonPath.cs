using System.Text;

namespace Probity.Server.Hosting.Problems;

/// <summary>Turns the paths of System.Text.Json (<c>$.scopes[0]</c>, <c>$['odd name']</c>) into JSON Pointers (RFC 6901).</summary>
internal static class JsonPath
{
    public static string ToPointer(string? path)
    {
        var pointer = new StringBuilder();
        var rest = (path ?? "$").AsSpan().TrimStart('$');
        while (rest.Length > 0)
        {
            var (open, close) = rest switch
            {
                ['[', '\'', ..] => ("['", "']"),
                ['[', ..] => ("[", "]"),
                _ => (".", ""),
            };
            rest = rest[Math.Min(open.Length, rest.Length)..];
            var end = close.Length > 0 ? rest.IndexOf(close, StringComparison.Ordinal) : rest.IndexOfAny('.', '[');
            end = end < 0 ? rest.Length : end;
            pointer.Append('/').Append(rest[..end].ToString()
                .Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            rest = rest[Math.Min(end + close.Length, rest.Length)..];
        }

        return pointer.ToString();
    }
}

using System.Collections.Frozen;
using System.IO.Compression;
using System.Text;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// Compatibility decomposition (NFKD). Two texts have the same NFKD exactly when they have the same NFKC, so for
/// comparing words the composition that NFKC adds is left out. The server runs without ICU, where
/// <c>string.Normalize</c> returns its input.
/// </summary>
internal static class UnicodeFolding
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11_172;
    private const int HangulVowels = 21;
    private const int HangulTails = 28;

    private static readonly FrozenDictionary<int, string> s_decompositions;
    private static readonly FrozenDictionary<int, byte> s_classes;

    static UnicodeFolding()
    {
        using var table = new StreamReader(new DeflateStream(
            new MemoryStream(Convert.FromBase64String(UnicodeFoldingTable.Deflated)), CompressionMode.Decompress));
        var text = table.ReadToEnd();
        var end = text.IndexOf("\0\0", StringComparison.Ordinal);
        var decompositions = new Dictionary<int, string>();
        foreach (var entry in text[..end].Split('\0'))
        {
            var rune = Rune.GetRuneAt(entry, 0);
            decompositions[rune.Value] = entry[rune.Utf16SequenceLength..];
        }

        var classes = new Dictionary<int, byte>();
        Rune[] marks = [.. text[(end + 2)..].EnumerateRunes()];
        for (var i = 0; i < marks.Length; i += 2)
        {
            classes[marks[i].Value] = (byte)marks[i + 1].Value;
        }

        s_decompositions = decompositions.ToFrozenDictionary();
        s_classes = classes.ToFrozenDictionary();
    }

    /// <summary>The NFKD of a text; half a surrogate pair becomes U+FFFD.</summary>
    public static string Decompose(string text)
    {
        var runes = new List<Rune>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Append(runes, rune);
        }

        OrderMarks(runes);
        var result = new StringBuilder(runes.Count);
        foreach (var rune in runes)
        {
            result.Append(rune.ToString());
        }

        return result.ToString();
    }

    private static void Append(List<Rune> to, Rune rune)
    {
        var syllable = rune.Value - HangulFirst;
        if (syllable is >= 0 and < HangulCount)
        {
            // The Unicode Standard 3.12, "Hangul Syllable Decomposition".
            to.Add(new Rune(0x1100 + (syllable / (HangulVowels * HangulTails))));
            to.Add(new Rune(0x1161 + (syllable % (HangulVowels * HangulTails) / HangulTails)));
            if (syllable % HangulTails != 0)
            {
                to.Add(new Rune(0x11A7 + (syllable % HangulTails)));
            }
        }
        else if (s_decompositions.TryGetValue(rune.Value, out var parts))
        {
            to.AddRange(parts.EnumerateRunes());
        }
        else
        {
            to.Add(rune);
        }
    }

    /// <summary>Canonical ordering: marks of different classes after one letter come in one fixed order.</summary>
    private static void OrderMarks(List<Rune> runes)
    {
        for (var i = 0; i < runes.Count; i++)
        {
            if (!s_classes.ContainsKey(runes[i].Value))
            {
                continue;
            }

            var start = i;
            while (i < runes.Count && s_classes.ContainsKey(runes[i].Value))
            {
                i++;
            }

            Rune[] ordered = [.. runes.GetRange(start, i - start).OrderBy(mark => s_classes[mark.Value])]; // stable
            for (var n = 0; n < ordered.Length; n++)
            {
                runes[start + n] = ordered[n];
            }
        }
    }
}

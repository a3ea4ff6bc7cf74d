using System.Text;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Values;

/// <summary>Finds the script of a name from its letters.</summary>
/// <remarks>By code point ranges (Unicode 15 blocks), not by the platform's tables, so that replay stays
/// exact.</remarks>
public static class NameScripts
{
    private static readonly (int First, int Last, NameScript Script)[] s_ranges =
    [
        (0x41, 0x5A, NameScript.Latin), (0x61, 0x7A, NameScript.Latin), (0xAA, 0xAA, NameScript.Latin),
        (0xBA, 0xBA, NameScript.Latin), (0xC0, 0xD6, NameScript.Latin), (0xD8, 0xF6, NameScript.Latin),
        (0xF8, 0x2AF, NameScript.Latin), (0x370, 0x3FF, NameScript.Greek), (0x400, 0x52F, NameScript.Cyrillic),
        (0x531, 0x588, NameScript.Armenian), (0x5D0, 0x5F4, NameScript.Hebrew), (0x620, 0x64A, NameScript.Arabic),
        (0x66E, 0x6D3, NameScript.Arabic), (0x6D5, 0x6DC, NameScript.Arabic), (0x6EE, 0x6FF, NameScript.Arabic),
        (0x700, 0x74F, NameScript.Other), (0x750, 0x77F, NameScript.Arabic), (0x780, 0x8FF, NameScript.Other),
        (0x900, 0x97F, NameScript.Devanagari), (0x980, 0xDFF, NameScript.Other), (0xE01, 0xE5B, NameScript.Thai),
        (0xE80, 0x109F, NameScript.Other), (0x10A0, 0x10FF, NameScript.Georgian), (0x1100, 0x11FF, NameScript.Hangul),
        (0x1200, 0x1C8F, NameScript.Other), (0x1C90, 0x1CBF, NameScript.Georgian), (0x1D00, 0x1DBF, NameScript.Latin),
        (0x1E00, 0x1EFF, NameScript.Latin), (0x1F00, 0x1FFF, NameScript.Greek), (0x3005, 0x3007, NameScript.Han),
        (0x3041, 0x30FF, NameScript.Kana), (0x3130, 0x318F, NameScript.Hangul), (0x31F0, 0x31FF, NameScript.Kana),
        (0x3400, 0x4DBF, NameScript.Han), (0x4E00, 0x9FFF, NameScript.Han), (0xA000, 0xABFF, NameScript.Other),
        (0xAC00, 0xD7FB, NameScript.Hangul), (0xF900, 0xFAFF, NameScript.Han), (0xFB1D, 0xFB4F, NameScript.Hebrew),
        (0xFB50, 0xFDFF, NameScript.Arabic), (0xFE70, 0xFEFC, NameScript.Arabic), (0xFF21, 0xFF5A, NameScript.Latin),
        (0xFF66, 0xFF9D, NameScript.Kana), (0x20000, 0x323AF, NameScript.Han),
    ];

    /// <summary>Finds the script of most letters; ties go to the script met first; no letter gives None.</summary>
    /// <remarks>One hiragana or katakana makes Han text Japanese.</remarks>
    public static NameScript Of(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[(int)NameScript.Other + 1];
        counts.Clear();
        var best = NameScript.None;
        foreach (var rune in text.EnumerateRunes())
        {
            var script = Of(rune);
            if (script != NameScript.None && ++counts[(int)script] > (best == NameScript.None ? 0 : counts[(int)best]))
            {
                best = script;
            }
        }

        return best == NameScript.Han && counts[(int)NameScript.Kana] != 0 ? NameScript.Kana : best;
    }

    /// <summary>Finds the script of one character; None for digits, blanks, marks and signs.</summary>
    public static NameScript Of(Rune rune)
    {
        var value = rune.Value;
        if (value < 0x80)
        {
            return char.IsAsciiLetter((char)value) ? NameScript.Latin : NameScript.None;
        }

        var (low, high) = (0, s_ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (first, last, script) = s_ranges[middle];
            if (value < first)
            {
                high = middle - 1;
            }
            else if (value > last)
            {
                low = middle + 1;
            }
            else
            {
                return script;
            }
        }

        return NameScript.None;
    }
}

using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>Turns one character of any script but Han, Hangul, Arabic and Hebrew into lower-case Latin
/// letters.</summary>
/// <remarks>
/// Pure tables: no culture, no ICU. <c>letters.txt</c> (any-ascii, ISC licence) is the ground; the scripts that
/// sanctions lists romanise in a way of their own (BGN/PCGN for Cyrillic, ELOT 743 for Greek) stand over it here.
/// </remarks>
internal static class Letters
{
    private const string Cyrillic =
        "аa бb вv гg дd еe ёe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya "
        + "іi їyi єye ґg ўu јj љlj њnj ђdj ћc џdz ќkj ѓgj ѕdz қq ғg ҳh ҷj ӣi ӯu ұu үu өo әa ңn һh ҙd ҡk ҫs ҝg ҹch";

    private const string Greek =
        "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo άa έe ήi ίi όo ύy ώo ϊi ϋy "
            + "ΐi ΰy";

    // U+00C6 and the like have two letters in some languages and one in others; the matcher makes ae ~ a cheap.
    private const string Latin = "ßss æae œoe øo đd ðd þth ıi łl ŋng ħh äa öo üu åa";

    private static readonly FrozenDictionary<char, string> Table = Build();

    /// <summary>Gets the Latin letters (or digits) of a character, "" for one that is silent, null for none at
    /// all.</summary>
    public static string? Of(char character)
    {
        if (character is >= 'a' and <= 'z' or >= '0' and <= '9')
        {
            return Ascii(character);
        }

        if (character is >= 'A' and <= 'Z')
        {
            return Ascii((char)(character | 0x20));
        }

        return Table.TryGetValue(character, out var text) ? text : null;
    }

    private static readonly string[] AsciiStrings = [.. Enumerable.Range(0, 128).Select(i => ((char)i).ToString())];

    private static string Ascii(char character) => AsciiStrings[character];

    private static FrozenDictionary<char, string> Build()
    {
        var table = new Dictionary<char, string>();
        foreach (var line in Resource.Lines("letters.txt"))
        {
            table[line[0]] = line[2..];
        }

        foreach (var row in $"{Cyrillic} {Greek} {Latin}".Split(' '))
        {
            table[row[0]] = row[1..];
            table[char.ToUpperInvariant(row[0])] = row[1..];
        }

        return table.ToFrozenDictionary();
    }
}

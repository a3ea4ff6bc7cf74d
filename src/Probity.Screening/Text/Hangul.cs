using System.Text;

namespace Probity.Screening.Text;

/// <summary>
/// Romanises Hangul syllables: Revised Romanisation simplified to the letters that lists use (ŏ and eo as o, ŭ and
/// eu as u), because North Korean names are listed in the McCune–Reischauer manner.
/// </summary>
internal static class Hangul
{
    private static readonly string[] Initials =
        ["k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];

    private static readonly string[] Vowels =
    [
        "a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u",
        "ui", "i",
    ];

    private static readonly string[] Finals =
    [
        "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng",
        "t", "t", "k", "t", "p", "t",
    ];

    // Surnames as Koreans write them in Latin letters.
    private const string Surnames =
        "김kim 이ri 리ri 박pak 최choe 정jong 조jo 강kang 윤yun 장jang 임rim 림rim 오o 한han 신sin 서so 권kwon 황hwang 안an 송song "
            + "유ryu 류ryu 홍hong 전jon 고ko 문mun 양yang 손son 배pae 백paek 허ho 남nam 심sim 노ro 로ro 하ha 곽kwak 성song 차cha 주ju "
            + "우u 구ku 민min";

    private static readonly Dictionary<char, string> SurnameTable =
        Surnames.Split(' ').ToDictionary(row => row[0], row => row[1..]);

    /// <summary>Tells whether a character is a precomposed Hangul syllable.</summary>
    public static bool Is(char character) => character is >= '\uac00' and <= '\ud7a3';

    /// <summary>Romanises a run of syllables; the first one as a surname when asked.</summary>
    public static string Romanise(ReadOnlySpan<char> syllables, bool isSurname)
    {
        if (isSurname && syllables.Length == 1 && SurnameTable.TryGetValue(syllables[0], out var surname))
        {
            return surname;
        }

        var text = new StringBuilder();
        foreach (var syllable in syllables)
        {
            var index = syllable - 0xac00;
            text.Append(Initials[index / 588]).Append(Vowels[index % 588 / 28]).Append(Finals[index % 28]);
        }

        return text.ToString();
    }
}

using System.Text;

namespace Probity.Screening.Text;

/// <summary>Cuts text of any script into romanised words. Pure: tables only.</summary>
internal static class RawWords
{
    private enum Script : byte
    {
        Latin,
        Arabic,
        Hebrew,
        Han,
        Hangul,
    }

    /// <summary>One word before it is classified.</summary>
    /// <param name="Text">See <see cref="NameToken.Text"/>.</param>
    /// <param name="Surface">As it stood.</param>
    /// <param name="IsNative">Whether it was not in Latin letters.</param>
    /// <param name="Raw">See <see cref="NameToken.Raw"/>; null where it is the text.</param>
    public readonly record struct Word(string Text, string Surface, bool IsNative, string? Raw = null);

    /// <summary>Reads the words of a text. Han and Hangul names of persons are cut into surname and given
    /// name.</summary>
    public static List<Word> Read(string text, bool isPerson)
    {
        var words = new List<Word>(8);
        var position = 0;
        var hasSpacedHan = isPerson && HasSpacedHan(text);
        while (position < text.Length)
        {
            if (ScriptOf(text[position]) is not { } script)
            {
                if (text[position] == '&')
                {
                    words.Add(new Word("and", "&", false));
                }

                position++;
                continue;
            }

            var end = EndOfRun(text, position, script);
            if (script == Script.Han && hasSpacedHan)
            {
                AddHanWord(words, text[position..end]);
            }
            else
            {
                Add(words, text[position..end], script, isPerson);
            }

            position = end;
        }

        return words;
    }

    private static int EndOfRun(string text, int start, Script script)
    {
        var end = start + 1;
        while (end < text.Length && (IsInside(text, end) || ScriptOf(text[end]) == script))
        {
            end++;
        }

        return end;
    }

    // Apostrophes, vowel marks and accents written apart do not end a word.
    private static bool IsInside(string text,
        int at) => text[at] is '\'' or '’' or '‘' or '`' or 'ʼ' or 'ʻ' or 'ʿ' or 'ʾ' or '´' or '\u00ad'
        || text[at] is >= '\u0300' and <= '\u036f'
        || Abjad.IsMark(text[at]);

    private static Script? ScriptOf(char character) => character switch
    {
        _ when char.IsAscii(character) => char.IsAsciiLetterOrDigit(character) ? Script.Latin : null,
        _ when Han.Is(character) => Script.Han,
        _ when Hangul.Is(character) => Script.Hangul,
        _ when Abjad.Is(character) => character is >= '\u0590' and <= '\u05ff' ? Script.Hebrew : Script.Arabic,
        _ => Letters.Of(character) is null ? null : Script.Latin,
    };

    private static void Add(List<Word> words, string run, Script script, bool isPerson)
    {
        switch (script)
        {
            case Script.Han:
                AddHan(words, run, isPerson);
                break;
            case Script.Hangul:
                AddHangul(words, run, isPerson);
                break;
            case Script.Arabic or Script.Hebrew:
                AddAbjad(words, run, script == Script.Hebrew);
                break;
            case Script.Latin:
                AddLetters(words, run);
                break;
            default:
                throw new InvalidOperationException("No such script.");
        }
    }

    private static void AddLetters(List<Word> words, string run)
    {
        var text = new StringBuilder(run.Length);
        var isNative = false;
        foreach (var character in run)
        {
            text.Append(Letters.Of(character));
            isNative |= character > '\u036f' && character is not ('’' or '‘') and not (>= '\u1e00' and <= '\u1eff');
        }

        if (text.Length != 0)
        {
            words.Add(new Word(text.ToString(), run, isNative));
        }
    }

    private static void AddHan(List<Word> words, string run, bool isPerson)
    {
        var surname = isPerson && run.Length is >= 2 and <= 4 ? Han.SurnameLength(run) : 0;
        var text = new StringBuilder();
        for (var i = 0; i < run.Length; i++)
        {
            text.Append(Han.Reading(run[i], isSurname: i < surname));
            var isCut = isPerson && surname != 0 ? i == surname - 1 || i == run.Length - 1 : true;
            if (isCut && text.Length != 0)
            {
                words.Add(new Word(text.ToString(), run, true));
                text.Clear();
            }
        }
    }

    // Whoever writes a blank between surname and given name, as in Japan, says where they end.
    private static bool HasSpacedHan(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\u3400', '\u9fff');
        var last = text.AsSpan().LastIndexOfAnyInRange('\u3400', '\u9fff');
        for (var i = first; i >= 0 && i < last; i++)
        {
            if (!Han.Is(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static void AddHanWord(List<Word> words, string run)
    {
        var isSurname = words.Count == 0;
        var text = string.Concat(run.Select(letter => Han.Reading(letter, isSurname)));
        if (text.Length != 0)
        {
            words.Add(new Word(text, run, true));
        }
    }

    private static void AddHangul(List<Word> words, string run, bool isPerson)
    {
        if (isPerson && run.Length is >= 2 and <= 4)
        {
            var surname = run.Length == 4 ? 2 : 1;
            words.Add(new Word(Hangul.Romanise(run.AsSpan(0, surname), true), run[..surname], true));
            run = run[surname..];
        }

        words.Add(new Word(Hangul.Romanise(run, false), run, true));
    }

    private static void AddAbjad(List<Word> words, string run, bool isHebrew)
    {
        var codes = new StringBuilder(run.Length + 1);
        foreach (var character in run)
        {
            foreach (var letter in Abjad.Letters(character) ?? character.ToString())
            {
                if (Abjad.CodeOf(letter) is var code and not '\0')
                {
                    codes.Append(code);
                }
            }
        }

        var text = codes.ToString();
        var mark = isHebrew ? NameToken.Hebrew : NameToken.Arabic;

        // The article and "servant of" are written together with the name in Arabic, apart in Latin letters.
        if (!isHebrew && text.StartsWith("ebd", StringComparison.Ordinal) && text.Length > 5)
        {
            words.Add(new Word("abd", run, true, NameToken.Arabic + "ebd"));
            text = text[3..];
        }

        if (!isHebrew && text == "ebd")
        {
            words.Add(new Word("abd", run, true, NameToken.Arabic + "ebd"));
            return;
        }

        // So are "father of" and the name.
        if (!isHebrew && text.StartsWith("abw", StringComparison.Ordinal) && text.Length > 5)
        {
            words.Add(new Word(NameToken.Arabic + "abw", run, true));
            text = text[3..];
        }

        if (!isHebrew && text.StartsWith("al", StringComparison.Ordinal) && text.Length > 4)
        {
            words.Add(new Word("al", run, true, NameToken.Arabic + "al"));
            text = text[2..];
        }

        if (text.Length != 0)
        {
            words.Add(new Word(mark + text, run, true));
        }
    }
}

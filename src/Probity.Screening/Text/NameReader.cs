namespace Probity.Screening.Text;

/// <summary>Turns names into comparable form. Deterministic: no culture, no ICU, no clock; safe for all
/// threads.</summary>
internal static class NameReader
{
    /// <summary>The most parts of a name that are looked at; what follows is ignored.</summary>
    public const int MaxTokens = 24;

    /// <summary>Reads the name of a person.</summary>
    public static NormalName Person(string name)
    {
        var (text, familyLength) = GivenFirst(name);
        var words = RawWords.Read(text[..^familyLength], isPerson: true);
        var tokens = new List<NameToken>(words.Count + 4);
        AddPersonWords(tokens, words);
        if (familyLength != 0)
        {
            var family = RawWords.Read(text[^familyLength..], isPerson: true);
            var given = tokens.Count;
            AddPersonWords(tokens, family);
            MarkFamily(tokens, given);
            words.AddRange(family);
        }

        // "King" is a title before a name and a surname after it; a particle has a name after it.
        if (tokens.Count > 1 && (tokens[^1].Kind == TokenKind.Particle || (tokens[^1].Kind == TokenKind.Title
            && NameFrequency.Default.Bits(tokens[^1].Text) is not null)))
        {
            tokens[^1] = tokens[^1] with { Kind = TokenKind.Word };
        }

        // A number says nothing of a person beyond itself.
        var read = Finish(tokens, words);
        return read with { IsCommon = !Array.Exists(read.Tokens, token => token.Kind == TokenKind.Word) };
    }

    /// <summary>Reads the name of an organisation, vessel or aircraft.</summary>
    public static NormalName Organisation(string name)
    {
        var words = MergeInitials(RawWords.Read(name, isPerson: false));
        var tokens = new List<NameToken>(words.Count);
        for (var i = 0; i < words.Count; i++)
        {
            if (OrganisationWords.LegalFormAt(words, i) is ({ } form, var length))
            {
                tokens.Add(new NameToken('§' + form, TokenKind.LegalForm, Surface(words, i, length), Raw(words, i,
                    length)));
                i += length - 1;
            }
            else
            {
                tokens.Add(OrganisationToken(words[i]));
            }
        }

        LightenBranch(tokens);
        var compared = WithoutClasses(tokens);
        return Finish(compared, words) with
        {
            IsCommon = compared != tokens || !compared.Exists(token => token.Kind == TokenKind.Word),
        };
    }

    // "… Moscow branch", "… Head Office": a branch is no other company, and its place tells little.
    private static void LightenBranch(List<NameToken> tokens)
    {
        var isBranch = tokens.Count > 2 && (Words.BranchEnds.Contains(tokens[^1].Raw)
            || (tokens[^1].Raw == "office" && Words.OfficeKinds.Contains(tokens[^2].Raw)));
        for (var i = tokens.Count - 2; isBranch && i < tokens.Count; i++)
        {
            tokens[i] = tokens[i] with { Text = tokens[i].Raw, Kind = TokenKind.Particle };
        }
    }

    // "Industrial Bank": words common to all, but two of them together tell something. They are compared as written.
    private static List<NameToken> WithoutClasses(List<NameToken> tokens)
    {
        var isDistinctive = tokens.Exists(token => token.Kind is TokenKind.Word or TokenKind.Number);
        return isDistinctive || tokens.Count(token => token.Kind == TokenKind.Generic) < 2
            ? tokens
            : [.. tokens.Select(token => token.Kind == TokenKind.Generic ? token with { Text = token.Raw,
                Kind = TokenKind.Word } : token)];
    }

    // "BIN LADEN, Usama" is "Usama BIN LADEN"; with a second comma it is a list of something else. The length is that
    // of the family name at the end.
    private static (string Text, int FamilyLength) GivenFirst(string name)
    {
        var comma = name.AsSpan().IndexOfAny(',', '،', '、');
        return comma > 0 && comma < name.Length - 1 && name.AsSpan(comma + 1).IndexOfAny(',', '،', '、') < 0
            ? (string.Concat(name.AsSpan(comma + 1), " ", name.AsSpan(0, comma)), comma)
            : (name, 0);
    }

    private static void AddPersonWords(List<NameToken> tokens, List<RawWords.Word> words)
    {
        foreach (var word in words)
        {
            AddPersonWord(tokens, word);
        }
    }

    // A family name is a word, whatever it means elsewhere ("LO, Stephen", "AGHA, Torek").
    private static void MarkFamily(List<NameToken> tokens, int from)
    {
        var isLight = tokens.Skip(from).All(token => token.IsLight);
        for (var i = from; i < tokens.Count; i++)
        {
            tokens[i] = tokens[i] with { IsFamily = true, Kind = isLight ? TokenKind.Word : tokens[i].Kind };
        }
    }

    private static NameToken OrganisationToken(RawWords.Word word)
    {
        if (Words.Stopwords.Contains(word.Text))
        {
            return new NameToken(word.Text, TokenKind.Particle, word.Surface);
        }

        if (word.Text[0] == NameToken.Arabic && Words.AbjadClasses.TryGetValue(word.Text[1..], out var native)
            && OrganisationWords.GenericOf(native) is { } known)
        {
            return new NameToken('~' + known, TokenKind.Generic, word.Surface, word.Text);
        }

        if (OrganisationWords.GenericOf(word.Text) is { } generic)
        {
            return new NameToken('~' + generic, TokenKind.Generic, word.Surface, word.Text);
        }

        var text = Words.Numerals.GetValueOrDefault(word.Text, word.Text);
        return text.All(char.IsAsciiDigit)
            ? new NameToken(text.TrimStart('0') is { Length: > 0 } digits ? digits : "0", TokenKind.Number,
                word.Surface)
            : new NameToken(text, text.Length == 1 ? TokenKind.Initial : TokenKind.Word, word.Surface);
    }

    private static void AddPersonWord(List<NameToken> tokens, RawWords.Word word)
    {
        var text = word.Text;
        if (text[0] is NameToken.Arabic && Words.AbjadTitles.Contains(text[1..]))
        {
            tokens.Add(new NameToken(text, TokenKind.Title, word.Surface));
        }
        else if (text[0] is NameToken.Arabic && Words.AbjadParticles.Contains(text[1..]))
        {
            tokens.Add(new NameToken(text, TokenKind.Particle, word.Surface));
        }
        else if (Han.Is(word.Surface[0]) || Hangul.Is(word.Surface[0]))
        {
            // A romanised syllable ("bin", "di", "o") is a name, whatever it means in Latin letters.
            tokens.Add(new NameToken(text, TokenKind.Word, word.Surface));
        }
        else if (text.Length == 1)
        {
            tokens.Add(new NameToken(text, char.IsAsciiDigit(text[0]) ? TokenKind.Number : TokenKind.Initial,
                word.Surface));
        }
        else if (Words.Servant.Contains(text))
        {
            tokens.Add(new NameToken("abd", TokenKind.Servant, word.Surface, word.Raw ?? text));
        }
        else if (Servant(text) is { } rest)
        {
            // The letters are shared out so that both together write the word as it stood.
            var cut = rest == "allah" ? 3 : text.Length - rest.Length;
            tokens.Add(new NameToken("abd", TokenKind.Servant, word.Surface, text[..cut]));
            tokens.Add(new NameToken(rest, TokenKind.Word, word.Surface, text[cut..]));
        }
        else
        {
            tokens.Add(new NameToken(text, PersonKind(text), word.Surface, word.Raw ?? text));
        }
    }

    private static TokenKind PersonKind(string text) =>
        Words.Particles.Contains(text) ? TokenKind.Particle
        : Words.Titles.Contains(text) ? TokenKind.Title
        : text.All(char.IsAsciiDigit) ? TokenKind.Number
        : TokenKind.Word;

    /// <summary>Takes "abdul", "abdel", "abdur" … off a word: "abdurrahman" gives "rahman", "abdallah"
    /// "allah".</summary>
    private static string? Servant(string text)
    {
        if (text.Length < 7 || !text.StartsWith("abd", StringComparison.Ordinal))
        {
            return null;
        }

        var rest = text.AsSpan(3);
        rest = IsVowel(rest[0]) ? rest[1..] : rest;
        if (rest.EndsWith("lah") || rest.EndsWith("llah") || rest.EndsWith("lla"))
        {
            return rest.Length <= 5 ? "allah" : null;
        }

        if (rest.Length > 3 && (rest[0] == 'l' || rest[0] == rest[1]))
        {
            rest = rest[1..];
        }

        return rest.Length >= 4 ? rest.ToString() : null;
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    // "A. B. C. Trading" and "ABC Trading" are one name; "S. A." is the form SA.
    private static List<RawWords.Word> MergeInitials(List<RawWords.Word> words)
    {
        var merged = new List<RawWords.Word>(words.Count);
        for (var i = 0; i < words.Count; i++)
        {
            var end = i;
            while (end < words.Count && words[end].Text.Length == 1 && char.IsAsciiLetter(words[end].Text[0]))
            {
                end++;
            }

            if (end - i < 2)
            {
                merged.Add(words[i]);
                continue;
            }

            merged.Add(new RawWords.Word(
                string.Concat(words.Skip(i).Take(end - i).Select(word => word.Text)),
                string.Concat(words.Skip(i).Take(end - i).Select(word => word.Surface)),
                words[i].IsNative));
            i = end - 1;
        }

        return merged;
    }

    private static string Raw(List<RawWords.Word> words, int start, int length) =>
        string.Concat(words.Skip(start).Take(length).Select(word => word.Text));

    private static string Surface(List<RawWords.Word> words, int start, int length) =>
        string.Join(' ', words.Skip(start).Take(length).Select(word => word.Surface));

    private static NormalName Finish(List<NameToken> tokens, List<RawWords.Word> words)
    {
        if (tokens.Count > MaxTokens)
        {
            tokens.RemoveRange(MaxTokens, tokens.Count - MaxTokens);
        }

        if (tokens.Count != 0 && tokens.TrueForAll(token => token.IsLight))
        {
            // A name made of titles and particles alone ("Mullah", "Ben") is a name after all.
            for (var i = 0; i < tokens.Count; i++)
            {
                tokens[i] = tokens[i] with { Kind = TokenKind.Word };
            }
        }

        return new NormalName(
            [.. tokens], string.Join(' ', words.Select(word => word.Text)),
                words.Count(word => word.IsNative) * 2 > words.Count);
    }
}

using System.Text;

namespace Probity.Screening.Effectiveness;

/// <summary>Alters a listed name as people and machines do. Null when a kind does not fit the name.</summary>
internal static class Mutations
{
    private static readonly (string From, string To)[] s_romanisations =
    [
        ("ou", "u"), ("oo", "u"), ("ee", "i"), ("kh", "h"), ("gh", "g"), ("q", "k"), ("k", "q"), ("y", "i"), ("i",
            "y"), ("v", "w"), ("w", "v"),
        ("ph", "f"), ("f", "ph"), ("u", "ou"), ("sh", "ch"), ("dh", "z"), ("j", "dj"), ("ts", "tz"), ("ks", "x"),
            ("x", "ks"), ("c", "k"), ("h", ""),
        ("aw", "au"), ("e", "a"), ("o", "u"), ("zh", "j"), ("s", "ss"), ("ss", "s"), ("mm", "m"), ("iy", "y"), ("ii",
            "iy"), ("ie", "e"),
    ];

    private static readonly string[] s_personTitles = ["Mr", "Dr.", "Mrs", "Haji", "Sheikh", "General", "Prof.",
        "Eng.", "Col.", "Don"];

    private static readonly Dictionary<char, char> s_homoglyphs = new()
    {
        ['a'] = 'а', ['e'] = 'е', ['o'] = 'о', ['p'] = 'р', ['c'] = 'с', ['x'] = 'х', ['i'] = 'і',
    };

    private static readonly Dictionary<char, string> s_confusions = new()
    {
        ['o'] = "0", ['i'] = "1", ['l'] = "1", ['s'] = "5", ['e'] = "3", ['a'] = "4", ['b'] = "8",
    };

    private static readonly string[] s_keyRows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    private static readonly Dictionary<char, char> s_accents = new()
    {
        ['a'] = 'á', ['e'] = 'é', ['i'] = 'í', ['o'] = 'ö', ['u'] = 'ü', ['n'] = 'ñ', ['c'] = 'ç', ['s'] = 'š',
            ['z'] = 'ž',
    };

    /// <summary>The kinds for persons.</summary>
    public static IReadOnlyDictionary<string, Func<string, Dice, string?>> Person { get; } =
        new Dictionary<string, Func<string, Dice, string?>>
        {
            ["letter dropped"] = (name, dice) => InWord(name, dice, 4, (word, at) => word.Remove(at, 1)),
            ["letter doubled"] = (name, dice) => InWord(name, dice, 3, (word, at) => word.Insert(at,
                word[at].ToString())),
            ["letter replaced"] = (name, dice) => InWord(name, dice, 5, (word, at) => Replace(word, at,
                (char)('a' + dice.Below(26)))),
            ["letter inserted"] = (name, dice) => InWord(name, dice, 4, (word, at) => word.Insert(at,
                ((char)('a' + dice.Below(26))).ToString())),
            ["letters exchanged"] = Exchange,
            ["neighbouring key"] = (name, dice) => InWord(name, dice, 5, (word, at) => Replace(word, at, Key(word[at],
                dice))),
            ["two edits"] = (name, dice) => InWord(name, dice, 7, (word, at) => word.Remove(at, 1)) is { } once
                ? InWord(once, dice, 6, (word, at) => Replace(word, at, (char)('a' + dice.Below(26)))) : null,
            ["romanisation"] = Romanise,
            ["romanised twice"] = (name, dice) => Romanise(name, dice) is { } once ? Romanise(once, dice) : null,
            ["order reversed"] = (name, _) => Words(name) is { Length: > 1 } words ? string.Join(' ',
                words.Reverse()) : null,
            ["last word first"] = (name, _) => Words(name) is { Length: > 2 } words ? string.Join(' ',
                words[^1..].Concat(words[..^1])) : null,
            ["spaces removed"] = (name, _) => Words(name) is { Length: > 1 } words ? string.Concat(words) : null,
            ["two words joined"] = (name,
                dice) => Words(name) is { Length: > 2 } words && dice.Below(words.Length - 1) is var at
                ? string.Join(' ', words.Take(at).Append(words[at] + words[at + 1]).Concat(words.Skip(at + 2))) : null,
            ["word split"] = Split,
            ["hyphenated"] = (name, _) => Words(name) is { Length: > 2 } words ? string.Join('-',
                words[..2]) + " " + string.Join(' ', words[2..]) : null,
            ["title added"] = (name, dice) => dice.Pick(s_personTitles) + " " + name,
            ["first name as initial"] = (name,
                _) => Words(name) is { Length: > 2 } words && words.All(word => word.Length > 2)
                ? words[0][0] + ". " + string.Join(' ', words[1..]) : null,
            ["middle name as initial"] = (name, _) => Words(name) is { Length: > 2 } words
                ? words[0] + " " + words[1][0] + " " + string.Join(' ', words[2..]) : null,
            ["middle name dropped"] = (name, _) => Words(name) is { Length: > 2 } words && words.Length <= 4
                ? words[0] + " " + string.Join(' ', words[2..]) : null,
            ["middle name added"] = (name, dice) => Words(name) is { Length: 2 or 3 } words
                ? words[0] + " " + dice.Pick((string[])["James", "Maria", "Ahmad", "Karl",
                    "Petrovich"]) + " " + string.Join(' ', words[1..]) : null,
            ["letters confused"] = (name, dice) => InWord(name, dice, 4, (word, at) =>
                s_confusions.TryGetValue(char.ToLowerInvariant(word[at]), out var other) ? word.Remove(at,
                    1).Insert(at, other) : word.Remove(at, 1)),
            ["homoglyph"] = (name, _) => string.Concat(name.Select(letter => s_homoglyphs.GetValueOrDefault(letter,
                letter))),
            ["accents"] = (name, _) => string.Concat(name.Select(letter => s_accents.GetValueOrDefault(letter,
                letter))),
            ["capitals"] = (name, _) => name.ToUpperInvariant(),
            ["punctuation"] = (name, dice) => string.Join(dice.Pick((string[])[", ", "  ", ".", "/", "_ "]),
                Words(name)),
            ["cut off"] = (name, dice) => Words(name) is { Length: > 1 } words && words[^1].Length > 6
                ? string.Join(' ', words[..^1]) + " " + words[^1][..^(1 + dice.Below(2))] : null,
            ["missing vowel"] = (name, dice) => InWord(name, dice, 5, (word, at) => "aeiou".Contains(word[at],
                StringComparison.Ordinal) && at > 0
                ? word.Remove(at, 1) : word),
        };

    private static readonly string[] s_forms = ["Ltd", "LLC", "GmbH", "S.A.", "Inc.", "JSC", "Co.", "Limited", "OOO"];

    /// <summary>The kinds for organisations.</summary>
    public static IReadOnlyDictionary<string, Func<string, Dice, string?>> Organisation { get; } =
        Person.Where(row => row.Key
            is not ("title added" or "first name as initial" or "middle name as initial" or "middle name added"
                or "middle name dropped" or "order reversed" or "last word first"))
            .Append(new("legal form added", (name, dice) => name + " " + dice.Pick(s_forms)))
            .Append(new("legal form misspelt", MisspellForm))
            .Append(new("and as &", (name, _) => name.Contains(" and ", StringComparison.OrdinalIgnoreCase)
                ? name.Replace(" and ", " & ", StringComparison.OrdinalIgnoreCase) : null))
            .Append(new("the added", (name, _) => "The " + name))
            .Append(new("abbreviated", (name, _) => Abbreviate(name)))
            .Append(new("branch added", (name, dice) => name + dice.Pick((string[])[" Moscow branch", " (Dubai)",
                " Head Office"])))
            .Append(new("last word dropped", (name, _) => Words(name) is { Length: > 3 } words ? string.Join(' ',
                words[..^1]) : null))
            .ToDictionary(row => row.Key, row => row.Value);

    private static string? Abbreviate(string name)
    {
        var text = name;
        foreach (var (from, to) in (ReadOnlySpan<(string, string)>)
                 [("Company", "Co"), ("Limited", "Ltd"), ("Corporation", "Corp"), ("International", "Intl"),
                     ("Trading", "Trdg"), ("Services", "Svcs")])
        {
            text = text.Replace(from, to, StringComparison.OrdinalIgnoreCase);
        }

        return text == name ? null : text;
    }

    private static string? MisspellForm(string name, Dice dice)
    {
        var words = Words(name);
        var at = Array.FindIndex(words,
            word => word.ToUpperInvariant() is "LIMITED" or "COMPANY" or "CORPORATION" or "TRADING" or "INTERNATIONAL");
        if (at < 0)
        {
            return null;
        }

        words[at] = Exchange(words[at], dice) ?? words[at];
        return string.Join(' ', words);
    }

    public static string[] Words(string name) =>
        name.Replace("'", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal)
            .Split([' ', ',', '-', '.', '"', '(', ')', '/'], StringSplitOptions.RemoveEmptyEntries);

    private static string? InWord(string name, Dice dice, int least, Func<string, int, string> change)
    {
        var words = Words(name);
        var long_ = Enumerable.Range(0,
            words.Length).Where(i => words[i].Length >= least && words[i].All(char.IsLetter)).ToArray();
        if (long_.Length == 0)
        {
            return null;
        }

        var index = dice.Pick(long_);
        var changed = change(words[index], dice.Below(words[index].Length));
        if (string.Equals(changed, words[index], StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        words[index] = changed;
        return string.Join(' ', words);
    }

    private static string? Exchange(string name, Dice dice) => InWord(name, dice, 4, (word, at) =>
    {
        at = Math.Min(at, word.Length - 2);
        var letters = word.ToCharArray();
        (letters[at], letters[at + 1]) = (letters[at + 1], letters[at]);
        return new string(letters);
    });

    private static string? Romanise(string name, Dice dice)
    {
        var lower = name.ToLowerInvariant();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            var (from, to) = dice.Pick(s_romanisations);
            var at = lower.IndexOf(from, StringComparison.Ordinal);
            if (at >= 0)
            {
                return lower.Remove(at, from.Length).Insert(at, to);
            }
        }

        return null;
    }

    private static string? Split(string name, Dice dice)
    {
        var words = Words(name);
        var at = Array.FindIndex(words, word => word.Length >= 6);
        if (at < 0)
        {
            return null;
        }

        words[at] = words[at].Insert(3 + dice.Below(words[at].Length - 5), " ");
        return string.Join(' ', words);
    }

    private static string Replace(string word, int at, char letter)
    {
        var text = new StringBuilder(word) { [at] = letter };
        return text.ToString();
    }

    private static char Key(char letter, Dice dice)
    {
        var lower = char.ToLowerInvariant(letter);
        var row = Array.Find(s_keyRows, keys => keys.Contains(lower, StringComparison.Ordinal)) ?? "ab";
        var at = row.IndexOf(lower, StringComparison.Ordinal);
        return row[Math.Clamp(at + (dice.Below(2) == 0 ? -1 : 1), 0, row.Length - 1)];
    }
}

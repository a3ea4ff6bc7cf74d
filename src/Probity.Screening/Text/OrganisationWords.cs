using System.Collections.Frozen;
using Probity.Screening.Matching;

namespace Probity.Screening.Text;

/// <summary>Legal forms in three levels (spelling, compare form, generic class) and words common to
/// organisations.</summary>
internal static class OrganisationWords
{
    private const int LongestForm = 6;

    private static readonly (FrozenDictionary<string, string> Forms, FrozenDictionary<string,
        string> Classes) Legal = ReadLegal();

    private static readonly FrozenDictionary<string, string> Generic = ReadGeneric();

    private static readonly FrozenSet<string> FormStarts =
        Legal.Forms.Keys.Select(form => form.Split(' ')[0]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Every single word that is a legal form or a common word, for finding typing errors in them.</summary>
    public static IReadOnlyList<(string Spelling, string Token, TokenKind Kind)> Spellings { get; } =
    [
        .. Legal.Forms.Where(row => !row.Key.Contains(' ', StringComparison.Ordinal))
            .Select(row => (row.Key, '§' + row.Value, TokenKind.LegalForm)).OrderBy(row => row.Key,
                StringComparer.Ordinal),
        .. Generic.Select(row => (row.Key, '~' + row.Value, TokenKind.Generic)).OrderBy(row => row.Key,
            StringComparer.Ordinal),
    ];

    private static DeletionIndex SpellingIndex { get; } = DeletionIndex.Build(
        [.. Spellings.Select(row => row.Spelling)], static word => word.Length >= 6 ? 2 : word.Length >= 4 ? 1 : -1);

    /// <summary>Gets the tokens of all compare forms.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Legal.Classes.Keys.Select(form =>
        '§' + form).Order(StringComparer.Ordinal)];

    /// <summary>Gets the generic class of a compare form: <c>gmbh</c> gives <c>LLC</c>.</summary>
    public static string ClassOf(string form) => Legal.Classes.GetValueOrDefault(form, form);

    /// <summary>Gets the class of a common word, or null.</summary>
    public static string? GenericOf(string word) => Generic.GetValueOrDefault(word);

    /// <summary>Gets the longest legal form that begins at a word, and how many words it takes.</summary>
    public static (string? Form, int Length) LegalFormAt(List<RawWords.Word> words, int start)
    {
        if (!FormStarts.Contains(words[start].Text))
        {
            return (null, 0);
        }

        for (var length = Math.Min(LongestForm, words.Count - start); length > 1; length--)
        {
            var phrase = string.Join(' ', words.Skip(start).Take(length).Select(word => word.Text));
            if (Legal.Forms.TryGetValue(phrase, out var form))
            {
                return (form, length);
            }
        }

        return Legal.Forms.TryGetValue(words[start].Text, out var single) ? (single, 1) : (null, 0);
    }

    /// <summary>Gets the legal form or common word that a misspelt word stands for, or null.</summary>
    public static (string Token, TokenKind Kind)? Near(string word)
    {
        var found = new List<int>();
        SpellingIndex.Find(word, word.Length >= 7 ? 2 : 1, found);
        var best = (Cost: int.MaxValue, Id: -1);
        foreach (var id in found)
        {
            var spelling = Spellings[id].Spelling;
            var shorter = Math.Min(spelling.Length, word.Length);
            var limit = shorter >= 6 ? 32 : shorter == 5 ? 16 : 13;
            var cost = TokenDistance.Cost(word, spelling, limit);
            cost = shorter >= 5 && spelling.Length - word.Length <= 2 && spelling.StartsWith(word,
                StringComparison.Ordinal) ? 8 : cost;
            if (cost <= limit && (cost, id).CompareTo(best) < 0)
            {
                best = (cost, id);
            }
        }

        return best.Id < 0 ? null : (Spellings[best.Id].Token, Spellings[best.Id].Kind);
    }

    private static (FrozenDictionary<string, string>, FrozenDictionary<string, string>) ReadLegal()
    {
        var forms = new Dictionary<string, string>(StringComparer.Ordinal);
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Resource.Lines("legal_forms.txt"))
        {
            var cells = line.Split('\t');
            classes[cells[1]] = cells[0];
            foreach (var spelling in cells[2].Split('|'))
            {
                forms[spelling] = cells[1];
            }
        }

        return (forms.ToFrozenDictionary(StringComparer.Ordinal), classes.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static FrozenDictionary<string, string> ReadGeneric()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Resource.Lines("generic_words.txt"))
        {
            var cells = line.Split('\t');
            foreach (var word in cells[1].Split('|'))
            {
                // Only the rows of true synonyms share a class; in the long mixed rows each word is its own.
                table[word] = cells[1].Count(c => c == '|') > 30 ? word : cells[0];
            }
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

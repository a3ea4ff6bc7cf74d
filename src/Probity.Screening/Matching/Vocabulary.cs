using System.Collections.Frozen;
using System.Numerics;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>The words of one kind of listed names with their information, and of those a query brings.</summary>
internal sealed class Vocabulary
{
    /// <summary>A word of a list of ten names is not common because it is a tenth of them.</summary>
    private const int SmallestList = 4096;

    private readonly FrozenDictionary<string, int> _ids;
    private readonly NameFrequency _frequency;
    private readonly MatchWeights _weights;
    private readonly bool _isPerson;
    private Vocabulary? _whole;

    private Vocabulary(Part[] parts, FrozenDictionary<string, int> ids, NameFrequency frequency, MatchWeights weights,
        bool isPerson)
    {
        Parts = parts;
        _ids = ids;
        _frequency = frequency;
        _weights = weights;
        _isPerson = isPerson;
    }

    /// <summary>Gets the words; the number of a word is its place.</summary>
    public Part[] Parts { get; }

    /// <summary>Builds the vocabulary of a set of names.</summary>
    public static Vocabulary Build(IReadOnlyList<NameEntry> entries, bool isPerson, NameFrequency frequency,
        MatchWeights weights)
    {
        var counts = new Dictionary<string, (int Entities, int Last, TokenKind Kind)>(StringComparer.Ordinal);
        var entities = 0;
        var last = -1;
        foreach (var entry in entries)
        {
            entities += entry.Entity == last ? 0 : 1;
            last = entry.Entity;
            foreach (var token in entry.Name.Tokens)
            {
                var row = counts.TryGetValue(token.Text, out var found) ? found : (Entities: 0, Last: -1, token.Kind);
                var kind = row.Kind > token.Kind ? token.Kind : row.Kind;
                counts[token.Text] = (row.Entities + (row.Last == entry.Entity ? 0 : 1), entry.Entity, kind);
            }
        }

        var shell = new Vocabulary([], FrozenDictionary<string, int>.Empty, frequency, weights, isPerson);
        var parts = counts.Select(row => shell.Make(row.Key, row.Value.Kind, row.Value.Entities, entities)).ToArray();
        var ids = parts.Select((part, id) => (part.Text, id)).ToFrozenDictionary(row => row.Text, row => row.id,
            StringComparer.Ordinal);
        return new Vocabulary(parts, ids, frequency, weights, isPerson);
    }

    /// <summary>Gets the same words with the information that they have in a vocabulary of which they are a part, and
    /// that any other word has there.</summary>
    public Vocabulary WeighedBy(Vocabulary other)
    {
        var whole = other.Whole;
        return new Vocabulary(
            [.. Parts.Select(part => whole.IdOf(part.Text) is var id and >= 0 ? whole.Parts[id] : part)], _ids,
            _frequency, _weights, _isPerson)
        {
            _whole = whole,
        };
    }

    /// <summary>Gets the number of a word, or -1.</summary>
    public int IdOf(string text) => _ids.TryGetValue(text, out var id) ? id : -1;

    /// <summary>Gets whether a word is one of those that tell how common words are.</summary>
    public bool Knows(string text) => Whole.IdOf(text) >= 0;

    /// <summary>Gets whether a word is known to be the name of a person.</summary>
    public bool IsName(string text) => _frequency.Bits(text) is not null;

    /// <summary>Gets what is known about a part of a query.</summary>
    public Part Of(NameToken token)
    {
        if (_whole is not null)
        {
            return _whole.Of(token);
        }

        var id = IdOf(token.Text);
        return (id >= 0
            ? Parts[id] with { Kind = token.Kind, Bits = BitsAs(token.Kind, Parts[id]) }
            : Make(token.Text, token.Kind, 0, 0)) with { IsSyllabic = token.IsSyllabic };
    }

    /// <summary>Gets the information of a word alone, as <see cref="Of"/> says.</summary>
    public int BitsOf(string text, TokenKind kind)
    {
        var whole = Whole;
        return whole.IdOf(text) is var id and >= 0
            ? whole.BitsAs(kind, whole.Parts[id]) : whole.Bits(text, kind, whole._frequency.Bits(text), 0, 0);
    }

    /// <summary>Gets the vocabulary that tells how common words are: this one, or the one it is a part of.</summary>
    public Vocabulary Whole => _whole ?? this;

    // A word may be light in one name and the only word of another.
    private int BitsAs(TokenKind kind, in Part part) => IsLight(kind) ? _weights.LightBits : part.Bits;

    private static bool IsLight(TokenKind kind) => kind is TokenKind.Particle or TokenKind.Servant or TokenKind.Title;

    private Part Make(string text, TokenKind kind, int entities, int of)
    {
        var isLatin = char.IsAsciiLetterOrDigit(text[0]);
        var fold = isLatin ? Folding.Fold(text) : text;
        var known = _frequency.Bits(text);
        return new Part(
            text, fold, isLatin ? Folding.Skeleton(fold) : text, kind, Bits(text, kind, known, entities, of),
            (known ?? int.MaxValue) <= 208 || entities >= 4);
    }

    private int Bits(string text, TokenKind kind, int? known, int entities, int of)
    {
        var listed = entities == 0 ? _weights.UnknownBits : Log2(Math.Max(of, SmallestList)) - Log2(entities);
        return kind switch
        {
            TokenKind.Particle or TokenKind.Servant or TokenKind.Title => _weights.LightBits,
            TokenKind.LegalForm => _weights.LegalFormBits,
            TokenKind.Initial => _weights.InitialBits,
            TokenKind.Generic => Math.Clamp(listed, 32, _weights.GenericBits),
            TokenKind.Number => Math.Clamp(listed, 64, 144),
            TokenKind.Word when !_isPerson && OrganisationWords.GenericOf(text) is not null => Math.Clamp(listed, 32,
                _weights.GenericBits),
            TokenKind.Word => Math.Clamp(
                Math.Min(listed, known ?? int.MaxValue), _weights.LeastBits, _weights.UnknownBits),
            _ => throw new InvalidOperationException("No such kind."),
        };
    }

    /// <summary>Gets the binary logarithm in sixteenths, by whole numbers only.</summary>
    internal static int Log2(int value)
    {
        var whole = BitOperations.Log2((uint)value);
        ulong mantissa = ((ulong)value << 32) >> whole;
        var result = whole * 16;
        for (var bit = 8; bit > 0; bit >>= 1)
        {
            mantissa = (mantissa >> 16) * (mantissa >> 16);
            if (mantissa >= 2UL << 32)
            {
                mantissa >>= 1;
                result += bit;
            }
        }

        return result;
    }
}

namespace Probity.Screening.Text;

/// <summary>What a part of a name is for.</summary>
internal enum TokenKind : byte
{
    /// <summary>A word that tells holders apart.</summary>
    Word,

    /// <summary>One letter that stands for a word.</summary>
    Initial,

    /// <summary>A number in digits.</summary>
    Number,

    /// <summary>Article, preposition or word of descent ("al", "bin", "van").</summary>
    Particle,

    /// <summary>"Abd" before a name of God.</summary>
    Servant,

    /// <summary>Title or form of address.</summary>
    Title,

    /// <summary>Legal form of an organisation; the text is its compare form after "§".</summary>
    LegalForm,

    /// <summary>A word common in names of organisations; the text is its class after "~".</summary>
    Generic,
}

/// <summary>One part of a name after normalisation.</summary>
/// <param name="Text">
/// Lower-case a–z and 0–9; Arabic and Hebrew words are code letters after <see cref="Arabic"/> or <see cref="Hebrew"/>.
/// </param>
/// <param name="Kind">What it is for.</param>
/// <param name="Surface">The letters as they stood in the name, for the explanation.</param>
/// <param name="Raw">The romanised letters before the word was classified; for writing words together.</param>
internal readonly record struct NameToken(string Text, TokenKind Kind, string Surface, string Raw)
{
    /// <summary>Makes a part that stands as it was written.</summary>
    public NameToken(string text, TokenKind kind, string surface)
        : this(text, kind, surface, text)
    {
    }

    /// <summary>Gets whether the list prints it as part of the family name ("FAMILY, Given"); false where nothing says
    /// so.</summary>
    public bool IsFamily { get; init; }

    /// <summary>First character of a word in Arabic code letters.</summary>
    public const char Arabic = '\u0001';

    /// <summary>First character of a word in Hebrew code letters.</summary>
    public const char Hebrew = '\u0002';

    /// <summary>Gets whether the text is a pattern of consonants (Arabic, Hebrew) and not Latin letters.</summary>
    public bool IsAbjad => Text.Length != 0 && Text[0] is Arabic or Hebrew;

    /// <summary>Gets whether the part was romanised from Han or Hangul, so that it has no typing errors of Latin
    /// letters.</summary>
    public bool IsSyllabic => Surface.Length != 0 && (Han.Is(Surface[0]) || Hangul.Is(Surface[0]));

    /// <summary>Gets whether the part is of so little weight that it need not be found.</summary>
    public bool IsLight => Kind is TokenKind.Particle or TokenKind.Servant or TokenKind.Title;
}

/// <summary>A name ready to be compared.</summary>
/// <param name="Tokens">Its parts in order.</param>
/// <param name="Plain">The romanised words before any of them was classified, single blanks between.</param>
/// <param name="IsNative">Most letters are of a script other than Latin.</param>
internal sealed record NormalName(NameToken[] Tokens, string Plain, bool IsNative)
{
    /// <summary>Gets whether it has a word, number or initial that can tell one holder from another.</summary>
    public bool IsDistinctive { get; } = Tokens.Any(token => token.Kind is TokenKind.Word or TokenKind.Number);

    /// <summary>Gets whether, read as an organisation, it has nothing that a person's name lacks.</summary>
    public bool IsPersonal => IsDistinctive && !IsCommon
        && !Tokens.Any(token => token.Kind is TokenKind.LegalForm or TokenKind.Generic);

    /// <summary>Gets whether it is made of numbers or of words common to organisations, so that only all of them
    /// together say anything.</summary>
    public bool IsCommon { get; init; }
}

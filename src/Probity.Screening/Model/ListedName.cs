namespace Probity.Screening.Model;

/// <summary>How much weight the list itself gives to a name.</summary>
public enum NameKind : byte
{
    /// <summary>The name under which the entity is listed; every entity that has a name has at least one.</summary>
    Primary,

    /// <summary>An alias of good quality; former names and names in the original script are strong too.</summary>
    Strong,

    /// <summary>
    /// An alias the list calls weak or of low quality. OFAC does not expect screening for these, but expects them to
    /// help to confirm a hit (OFAC FAQ 122–125). What is done with them is a policy per list.
    /// </summary>
    Weak,
}

/// <summary>The script of most letters of a name (Unicode UAX #24).</summary>
public enum NameScript : byte
{
    /// <summary>The name has no letters.</summary>
    None,

    /// <summary>Latin.</summary>
    Latin,

    /// <summary>Cyrillic.</summary>
    Cyrillic,

    /// <summary>Arabic, with the letters of Persian, Urdu, Pashto and Dari.</summary>
    Arabic,

    /// <summary>Greek.</summary>
    Greek,

    /// <summary>Hebrew.</summary>
    Hebrew,

    /// <summary>Han characters of Chinese, and of Japanese without kana.</summary>
    Han,

    /// <summary>Korean Hangul.</summary>
    Hangul,

    /// <summary>Japanese with at least one hiragana or katakana.</summary>
    Kana,

    /// <summary>Armenian.</summary>
    Armenian,

    /// <summary>Georgian.</summary>
    Georgian,

    /// <summary>Devanagari.</summary>
    Devanagari,

    /// <summary>Thai.</summary>
    Thai,

    /// <summary>Any other script.</summary>
    Other,
}

/// <summary>The parts of a person's name, as the list gives them; a part it does not give is null.</summary>
/// <param name="Given">First name or names.</param>
/// <param name="Middle">Second and further names that are neither a patronymic nor the family name.</param>
/// <param name="Patronymic">The father's name; null where the list does not mark it.</param>
/// <param name="Family">Family name.</param>
/// <param name="Title">Title or honorific, kept out of <see cref="ListedName.Full"/>.</param>
public sealed record NameParts(
    string? Given = null,
    string? Middle = null,
    string? Patronymic = null,
    string? Family = null,
    string? Title = null);

/// <summary>One name of a listed entity.</summary>
public sealed record ListedName
{
    /// <summary>Gets the whole name in the order the list prints it, trimmed, inner blanks single, never
    /// empty.</summary>
    /// <remarks>Given names precede the family name, unless the list prints "FAMILY, Given", which is kept.</remarks>
    public required string Full { get; init; }

    /// <summary>Gets the weight the list gives to it.</summary>
    public NameKind Kind { get; init; }

    /// <summary>Gets the script of most of its letters.</summary>
    public NameScript Script { get; init; } = NameScript.Latin;

    /// <summary>Gets the parts, or null where the list gives the name only as a whole.</summary>
    public NameParts? Parts { get; init; }

    /// <summary>Gets the list's own label ("f.k.a.", "Low", "Name changed from"), or null.</summary>
    public string? Label { get; init; }

    /// <summary>Gets the language the list names for it, as the list writes it ("Arabic", "ru"), or null.</summary>
    public string? Language { get; init; }
}

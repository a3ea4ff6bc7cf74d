using System.Buffers;
using System.Text;

namespace Probity.Ledger.Notes;

/// <summary>
/// A text with one or more signature lines, read strictly but not verified: nothing in it may be believed before
/// <see cref="NoteVerification"/> has accepted it. Immutable. Source: C2SP signed-note, Format.
/// </summary>
public sealed class SignedNote
{
    /// <summary>The most signatures a note may carry: 100, as in golang.org/x/mod/sumdb/note.</summary>
    public const int MaxSignatures = 100;

    /// <summary>The most bytes a note may have: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly SearchValues<char> s_controls =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c).Where(c => c != '\n')]);

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>The signed text with its final newline, without the blank line before the signatures.</summary>
    public string Text { get; }

    /// <summary>
    /// The signature lines in their order, those of unknown keys and repeated ones included; 1 to 100.
    /// </summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>A note of a text and its signatures, which are not verified.</summary>
    /// <exception cref="NoteFormatException">The text may not be signed, or there are too many signatures.</exception>
    /// <exception cref="ArgumentException">There is no signature.</exception>
    public static SignedNote Create(string text, IReadOnlyList<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        RefuseUnsignable(text);
        if (signatures.Count == 0)
        {
            throw new ArgumentException("A note carries at least one signature.", nameof(signatures));
        }

        return Bounded(text, [.. signatures]);
    }

    /// <summary>The same text with one more signature line at the end.</summary>
    /// <exception cref="NoteFormatException">
    /// <c>note.too_many_signatures</c>: there are 100 already; <c>note.too_large</c>: the note would pass 1 MiB.
    /// </exception>
    public SignedNote With(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return Bounded(Text, [.. Signatures, signature]);
    }

    /// <summary>Reads a note from its UTF-8 bytes.</summary>
    /// <exception cref="NoteFormatException">
    /// The bytes are not exactly a signed note: <c>note.too_large</c>, <c>note.utf8</c>, <c>note.control_character</c>,
    /// <c>note.no_signatures</c>, <c>note.signature_line</c>, <c>note.too_many_signatures</c>.
    /// </exception>
    public static SignedNote Parse(ReadOnlySpan<byte> utf8)
    {
        RefuseTooLarge(utf8.Length);
        try
        {
            return ParseDecoded(Canonical.Utf8.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            throw NotUtf8();
        }
    }

    /// <summary>Reads a note from a string; see <see cref="Parse(ReadOnlySpan{byte})"/> for the refusals.</summary>
    /// <exception cref="NoteFormatException">The string is not exactly a signed note.</exception>
    public static SignedNote Parse(string note)
    {
        ArgumentNullException.ThrowIfNull(note);
        RefuseTooLarge(note.Length);
        RefuseIllFormed(note);
        RefuseTooLarge(Canonical.Utf8.GetByteCount(note));
        return ParseDecoded(note);
    }

    /// <summary>The note as it was read or is to be written, byte for byte.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
        {
            note.Append(signature.ToString()).Append('\n');
        }

        return note.ToString();
    }

    internal static void RefuseUnsignable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.EndsWith('\n'))
        {
            throw new NoteFormatException("note.no_final_newline", "The text of a note ends with a newline.");
        }

        RefuseTooLarge(text.Length);
        RefuseIllFormed(text);
        RefuseControlCharacters(text);
    }

    /// <summary>What is written is held to the limits of what is read.</summary>
    private static SignedNote Bounded(string text, NoteSignature[] signatures)
    {
        RefuseTooManySignatures(signatures.Length);
        RefuseTooLarge(Canonical.Utf8.GetByteCount(text) + 1 + signatures.Sum(s => s.LineBytes));
        return new SignedNote(text, signatures);
    }

    private static SignedNote ParseDecoded(string note)
    {
        RefuseControlCharacters(note);
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0 || blank + 2 == note.Length || !note.EndsWith('\n'))
        {
            throw new NoteFormatException("note.no_signatures",
                "A note ends with a blank line and one or more signature lines, each with its newline.");
        }

        return new SignedNote(note[..(blank + 1)], ParseSignatures(note.AsSpan(blank + 2)));
    }

    private static List<NoteSignature> ParseSignatures(ReadOnlySpan<char> lines)
    {
        var signatures = new List<NoteSignature>();
        while (!lines.IsEmpty)
        {
            RefuseTooManySignatures(signatures.Count + 1);
            var end = lines.IndexOf('\n');
            signatures.Add(NoteSignature.Parse(lines[..end]));
            lines = lines[(end + 1)..];
        }

        return signatures;
    }

    private static void RefuseControlCharacters(string note)
    {
        if (note.AsSpan().ContainsAny(s_controls))
        {
            throw new NoteFormatException("note.control_character",
                "A note has no control characters below U+0020 but newline.");
        }
    }

    private static void RefuseIllFormed(string note)
    {
        if (!Canonical.IsWellFormed(note))
        {
            throw NotUtf8();
        }
    }

    private static void RefuseTooLarge(int bytes)
    {
        if (bytes > MaxBytes)
        {
            throw new NoteFormatException("note.too_large", $"A note has at most {MaxBytes} bytes.");
        }
    }

    private static void RefuseTooManySignatures(int count)
    {
        if (count > MaxSignatures)
        {
            throw new NoteFormatException("note.too_many_signatures",
                $"A note has at most {MaxSignatures} signatures.");
        }
    }

    private static NoteFormatException NotUtf8() => new("note.utf8", "A note is valid UTF-8.");
}

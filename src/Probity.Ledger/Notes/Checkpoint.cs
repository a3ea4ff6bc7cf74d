using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Notes;

/// <summary>
/// What a log says of its tree: that it had this root at this size. Unsigned; the signatures are around it, in a
/// <see cref="SignedNote"/>. Equal when the text is equal. Immutable. Source: C2SP tlog-checkpoint, Note text.
/// </summary>
public sealed class Checkpoint : IEquatable<Checkpoint>
{
    /// <summary>Takes the parts of a checkpoint.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    /// <exception cref="NoteFormatException">
    /// <c>checkpoint.line</c>: origin or an extension line is empty, has a control character or no UTF-8 form.
    /// </exception>
    public Checkpoint(string origin, long size, Digest root, IReadOnlyList<string>? extensions = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Origin = CheckLine(origin);
        Size = size;
        Root = root;
        Extensions = extensions is null ? [] : [.. extensions.Select(CheckLine)];
    }

    /// <summary>The identity of the log, not empty; by custom a schema-less URL.</summary>
    public string Origin { get; }

    /// <summary>Entries in the tree, 0 or more.</summary>
    public long Size { get; }

    /// <summary>
    /// The RFC 6962 root at that size. That it is <see cref="MerkleHash.Empty"/> at size 0 is not checked here.
    /// </summary>
    public Digest Root { get; }

    /// <summary>Further lines, none of them empty; in general none, for they cannot be audited.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>The note text with its final newline.</summary>
    public string ToText()
    {
        var text = new StringBuilder(Origin).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"{Size}\n")
            .Append(Root.ToBase64()).Append('\n');
        foreach (var extension in Extensions)
        {
            text.Append(extension).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads the text of a checkpoint note, strictly.</summary>
    /// <exception cref="NoteFormatException">
    /// <c>checkpoint.line</c>: fewer than three lines, an empty line, a control character or no final newline;
    /// <c>checkpoint.size</c>: not a decimal up to 2^63 − 1 without leading zeros; <c>checkpoint.root</c>: not 44
    /// characters of canonical base64.
    /// </exception>
    public static Checkpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0)
        {
            throw new NoteFormatException("checkpoint.line",
                "A checkpoint is three or more lines, each with its newline.");
        }

        if (!Canonical.TryDecimal(lines[1], out var size))
        {
            throw new NoteFormatException("checkpoint.size",
                "The second line of a checkpoint is its size in decimal digits without leading zeros.");
        }

        if (!Canonical.TryDigest(lines[2], out var root))
        {
            throw new NoteFormatException("checkpoint.root",
                "The third line of a checkpoint is its root hash, 44 characters of padded base64.");
        }

        return new Checkpoint(lines[0], size, root, lines[3..^1]);
    }

    /// <summary>Reads the text of a checkpoint note, or says that it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        try
        {
            checkpoint = Parse(text);
            return true;
        }
        catch (NoteFormatException)
        {
            checkpoint = null;
            return false;
        }
    }

    /// <inheritdoc/>
    public bool Equals(Checkpoint? other) =>
        other is not null && Size == other.Size && Root == other.Root && Origin == other.Origin
        && Extensions.SequenceEqual(other.Extensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Checkpoint);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Origin, Size, Root);

    /// <summary>The note text, as <see cref="ToText"/>.</summary>
    public override string ToString() => ToText();

    private static string CheckLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Length == 0 || line.AsSpan().ContainsAnyInRange('\0', '\u001f') || !Canonical.IsWellFormed(line))
        {
            throw new NoteFormatException("checkpoint.line",
                "Origin and extension lines are not empty and have no control characters.");
        }

        return line;
    }
}

using System.Globalization;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Verification;

/// <summary>
/// What a person signs who accepts that signed entries are lost: the text of a signed note of seven lines, which are
/// <see cref="Header"/>, the origin that ends, how many entries of it are kept, the leaf hash of the last of them, size
/// and root of the last checkpoint known from outside, and the origin under which the log goes on. The leaf hash ties
/// it to all entries before, since each names the one before it; the new origin, to one continuation. Immutable.
/// Source: Probity decision record 0067.
/// </summary>
public sealed class LossConsent
{
    /// <summary>The first line: no checkpoint and no other note of Probity begins so.</summary>
    public const string Header = "probity/loss-consent/v1";

    private const int Lines = 7;

    /// <summary>Takes the parts of a consent.</summary>
    /// <exception cref="NoteFormatException"><c>consent.line</c>: an origin may not stand in a note.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Nothing is kept, or nothing is lost.</exception>
    public LossConsent(
        string formerOrigin, long keptSize, Digest lastHash, long checkpointSize, Digest checkpointRoot, string origin)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keptSize);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(checkpointSize, keptSize);
        (FormerOrigin, Origin) = (CheckLine(formerOrigin), CheckLine(origin));
        (KeptSize, LastHash) = (keptSize, lastHash);
        (CheckpointSize, CheckpointRoot) = (checkpointSize, checkpointRoot);
    }

    /// <summary>The origin that ends.</summary>
    public string FormerOrigin { get; }

    /// <summary>Entries of the copy that was put back; 1 or more. The first lost entry has this number.</summary>
    public long KeptSize { get; }

    /// <summary>The leaf hash of the last entry that is kept.</summary>
    public Digest LastHash { get; }

    /// <summary>The size of the last checkpoint of the former origin known from outside.</summary>
    public long CheckpointSize { get; }

    /// <summary>The root hash of that checkpoint.</summary>
    public Digest CheckpointRoot { get; }

    /// <summary>The origin under which the log goes on.</summary>
    public string Origin { get; }

    /// <summary>The text that is signed, with its final newline.</summary>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Header}\n{FormerOrigin}\n{KeptSize}\n{LastHash.ToBase64()}\n{CheckpointSize}\n{CheckpointRoot.ToBase64()}\n"
        + $"{Origin}\n");

    /// <summary>Reads such a text, strictly.</summary>
    /// <exception cref="NoteFormatException"><c>consent.line</c>: it is no such text.</exception>
    public static LossConsent Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        if (lines.Length != Lines + 1 || lines[^1].Length != 0 || lines[0] != Header
            || !Canonical.TryDecimal(lines[2], out var kept) || !Canonical.TryDigest(lines[3], out var lastHash)
            || !Canonical.TryDecimal(lines[4], out var size) || !Canonical.TryDigest(lines[5], out var root)
            || kept == 0 || size <= kept)
        {
            throw Malformed();
        }

        return new LossConsent(lines[1], kept, lastHash, size, root, lines[6]);
    }

    private static string CheckLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Length > 0 && !line.AsSpan().ContainsAnyInRange('\0', '\u001f') && Canonical.IsWellFormed(line)
            ? line
            : throw Malformed();
    }

    private static NoteFormatException Malformed() => new(
        "consent.line",
        "A consent to a loss is seven lines that say which entries are kept, which are lost, and what follows.");
}

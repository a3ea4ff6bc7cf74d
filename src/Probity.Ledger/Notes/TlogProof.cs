using System.Globalization;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Notes;

/// <summary>
/// One entry's proof as a text that is verified offline: its index, the path to the root, and the signed checkpoint.
/// Immutable. Source: C2SP tlog-proof, Format.
/// </summary>
public sealed class TlogProof
{
    /// <summary>The most bytes of a proof: 2 MiB, half of which the note may take.</summary>
    public const int MaxBytes = 2 << 20;

    /// <summary>The most hashes of a proof: a tree of 2^63 − 1 entries has paths of 63.</summary>
    public const int MaxHashes = 63;

    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string ExtraPrefix = "extra ";
    private const string IndexPrefix = "index ";

    /// <summary>Takes the parts of a proof; the signatures and the path are not verified.</summary>
    /// <param name="index">The entry's index, from 0.</param>
    /// <param name="hashes">The inclusion path, from the leaf's sibling to the root's child.</param>
    /// <param name="checkpointNote">The signed checkpoint, verbatim.</param>
    /// <param name="extra">Data for the application, which nothing authenticates; null for none, never empty.</param>
    /// <exception cref="NoteFormatException">The note is no signed checkpoint, or a limit is passed.</exception>
    public TlogProof(long index, IReadOnlyList<Digest> hashes, string checkpointNote, byte[]? extra = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentNullException.ThrowIfNull(hashes);
        RefuseTooManyHashes(hashes.Count);
        if (extra is { Length: 0 })
        {
            throw new ArgumentException("No extra data is written as no line, not as an empty one.", nameof(extra));
        }

        Index = index;
        Hashes = [.. hashes];
        Note = SignedNote.Parse(checkpointNote);
        Checkpoint = Checkpoint.Parse(Note.Text);
        // A null array would become an empty memory, not no memory.
        Extra = extra is null ? (ReadOnlyMemory<byte>?)null : extra.ToArray();
    }

    /// <summary>The entry's index in the log, from 0.</summary>
    public long Index { get; }

    /// <summary>
    /// The inclusion path, from the leaf's sibling to the root's child; empty for a log of one entry.
    /// </summary>
    public IReadOnlyList<Digest> Hashes { get; }

    /// <summary>The signed checkpoint, not verified.</summary>
    public SignedNote Note { get; }

    /// <summary>What the signed checkpoint says, not verified.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The signed checkpoint's text as it stands in the proof.</summary>
    public string CheckpointNote => Note.ToString();

    /// <summary>Data for the application, which nothing authenticates; null for none.</summary>
    public ReadOnlyMemory<byte>? Extra { get; }

    /// <summary>Reads a proof from its UTF-8 bytes.</summary>
    /// <exception cref="NoteFormatException">
    /// The bytes are not exactly a proof; see <see cref="Parse(string)"/>.
    /// </exception>
    public static TlogProof Parse(ReadOnlySpan<byte> utf8)
    {
        RefuseTooLarge(utf8.Length);
        try
        {
            return Parse(Canonical.Utf8.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            throw new NoteFormatException("note.utf8", "A proof is valid UTF-8.");
        }
    }

    /// <summary>Reads a proof, strictly.</summary>
    /// <exception cref="NoteFormatException">
    /// <c>proof.header</c>, <c>proof.extra</c>, <c>proof.index</c>, <c>proof.hash</c>, <c>proof.too_large</c>,
    /// <c>proof.checkpoint</c> (the blank line before the checkpoint is missing), or a <c>note.</c> or
    /// <c>checkpoint.</c> code for what follows it.
    /// </exception>
    public static TlogProof Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        RefuseTooLarge(text.Length);
        var rest = text.AsSpan();
        if (!NextLine(ref rest).SequenceEqual(Header))
        {
            throw new NoteFormatException("proof.header", $"The first line of a proof is {Header}.");
        }

        var extra = ParseExtra(ref rest);
        var index = ParseIndex(NextLine(ref rest));
        var hashes = ParseHashes(ref rest);
        return new TlogProof(index, hashes, rest.ToString(), extra);
    }

    /// <summary>The proof's text, ending with the checkpoint's last signature line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Extra is { } extra)
        {
            text.Append(ExtraPrefix).Append(Convert.ToBase64String(extra.Span)).Append('\n');
        }

        text.Append(IndexPrefix).Append(CultureInfo.InvariantCulture, $"{Index}\n");
        foreach (var hash in Hashes)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return text.Append('\n').Append(CheckpointNote).ToString();
    }

    /// <summary>
    /// Verifies that an entry with this leaf hash is in the log at <see cref="Index"/>. Source: C2SP tlog-proof,
    /// Verifying; step 1, the leaf hash, is the caller's.
    /// </summary>
    /// <param name="leaf">The leaf hash of the entry's bytes.</param>
    /// <param name="keys">
    /// The keys that are known. A log is believed when a key of type 0x01 whose name is the origin has signed (C2SP
    /// tlog-policy, Defining a log); keys of type 0x04 are witnesses. How many witnesses are enough is the caller's
    /// to decide, from the verified signatures.
    /// </param>
    public TlogProofVerdict Verify(Digest leaf, IReadOnlyList<VerifierKey> keys)
    {
        // Steps 2 and 3: the log's signature and every known witness's.
        switch (NoteVerification.Verify(Note, keys))
        {
            case NoteVerdict.Verified { Signatures: var signatures } when signatures.Any(IsOfThisLog):
                return VerifyInclusion(leaf, signatures);
            case NoteVerdict.Refused(var code, var detail) when code != "note.no_known_signature":
                return new TlogProofVerdict.Refused(code, detail);
            default:
                return new TlogProofVerdict.Refused("proof.unknown_log",
                    $"No known key of the log {Checkpoint.Origin} has signed the checkpoint.");
        }
    }

    // Step 4.
    private TlogProofVerdict VerifyInclusion(Digest leaf, IReadOnlyList<VerifiedSignature> signatures)
    {
        if (Index >= Checkpoint.Size)
        {
            return new TlogProofVerdict.Refused("proof.index_beyond_size",
                $"A log of {Checkpoint.Size} entries has no index {Index}.");
        }

        if (Hashes.Count != InclusionProof.Length(Index, Checkpoint.Size))
        {
            return new TlogProofVerdict.Refused("proof.length",
                $"The path of entry {Index} in a tree of {Checkpoint.Size} has another length than {Hashes.Count}.");
        }

        return InclusionProof.Verify(Index, Checkpoint.Size, leaf, Hashes, Checkpoint.Root)
            ? new TlogProofVerdict.Verified(Checkpoint, signatures)
            : new TlogProofVerdict.Refused("proof.root_mismatch",
                $"The entry and the path do not lead to the root of the checkpoint of size {Checkpoint.Size}.");
    }

    private bool IsOfThisLog(VerifiedSignature signature) =>
        signature.Key.SignatureType == VerifierKey.Ed25519Note && signature.Key.Name == Checkpoint.Origin;

    private static byte[]? ParseExtra(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith(ExtraPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        return Canonical.TryBase64(NextLine(ref rest)[ExtraPrefix.Length..], out var extra)
            ? extra
            : throw new NoteFormatException("proof.extra", "Extra data is padded base64 of one or more bytes.");
    }

    private static long ParseIndex(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(IndexPrefix, StringComparison.Ordinal)
            || !Canonical.TryDecimal(line[IndexPrefix.Length..], out var index))
        {
            throw new NoteFormatException("proof.index",
                "The index line is 'index', a space and decimal digits without leading zeros.");
        }

        return index;
    }

    private static List<Digest> ParseHashes(ref ReadOnlySpan<char> rest)
    {
        var hashes = new List<Digest>();
        for (var line = NextLine(ref rest); !line.IsEmpty; line = NextLine(ref rest))
        {
            RefuseTooManyHashes(hashes.Count + 1);
            if (!Canonical.TryDigest(line, out var hash))
            {
                throw new NoteFormatException("proof.hash", "A hash line is 44 characters of padded base64.");
            }

            hashes.Add(hash);
        }

        return hashes;
    }

    private static ReadOnlySpan<char> NextLine(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('\n');
        if (end < 0)
        {
            throw new NoteFormatException("proof.checkpoint",
                "A proof ends with a blank line and a signed checkpoint.");
        }

        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }

    private static void RefuseTooManyHashes(int count)
    {
        if (count > MaxHashes)
        {
            throw new NoteFormatException("proof.too_large", $"A proof has at most {MaxHashes} hashes.");
        }
    }

    private static void RefuseTooLarge(int length)
    {
        if (length > MaxBytes)
        {
            throw new NoteFormatException("proof.too_large", $"A proof has at most {MaxBytes} bytes.");
        }
    }
}

/// <summary>What verification says of a proof: <see cref="Verified"/> or <see cref="Refused"/>.</summary>
public abstract record TlogProofVerdict
{
    private TlogProofVerdict()
    {
    }

    /// <summary>The entry is in the log at the index, under a checkpoint the log has signed.</summary>
    /// <param name="Checkpoint">The checkpoint, now verified.</param>
    /// <param name="Signatures">The signatures that verified, the log's and those of known witnesses.</param>
    public sealed record Verified(Checkpoint Checkpoint, IReadOnlyList<VerifiedSignature> Signatures)
        : TlogProofVerdict;

    /// <summary>The proof must not be believed.</summary>
    /// <param name="Code">
    /// <c>proof.unknown_log</c>, <c>proof.index_beyond_size</c>, <c>proof.length</c>, <c>proof.root_mismatch</c>,
    /// <c>note.invalid_signature</c> or <c>note.ambiguous_key</c>.
    /// </param>
    /// <param name="Detail">The reason in a sentence.</param>
    public sealed record Refused(string Code, string Detail) : TlogProofVerdict;
}

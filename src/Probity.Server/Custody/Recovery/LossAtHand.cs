using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Custody.Recovery;

/// <summary>What goes on: the loss, the origin that follows, and the notes of those who accepted it.</summary>
/// <param name="Origin">The new origin.</param>
/// <param name="Loss">Who accepted the loss.</param>
/// <param name="Consents">Their notes; empty when they are only named.</param>
internal sealed record AcceptedContinuation(string Origin, AcceptedLoss Loss, IReadOnlyList<string> Consents);

/// <summary>A loss that somebody must accept before the log goes on, and who can sign that.</summary>
/// <param name="Head">The head of the copy that was put back.</param>
/// <param name="Lost">The last checkpoint of its origin known from outside.</param>
/// <param name="Keys">The keys of recovery that entries of the copy name, one a person.</param>
internal sealed record LossAtHand(LogHead Head, Checkpoint Lost, IReadOnlyList<RecoveryKey> Keys)
{
    private const int Fewest = 2;
    private const string DefaultReason = "an old copy was put back";

    /// <summary>What is to be signed.</summary>
    public LossConsent ToConsent(string origin) =>
        new(Head.Origin, Head.Size, Head.LastHash, Lost.Size, Lost.Root, origin);

    /// <summary>Two people who can sign, or there is nothing to be signed.</summary>
    public void RequireSigners()
    {
        if (Keys.Count < Fewest)
        {
            throw new ExpectedFaultException(
                $"{Keys.Count} people have a key of recovery, and it takes two.",
                "Go on with --accept-loss and two --approver; set keys with PUT /api/v1/recovery-keys afterwards.");
        }
    }

    /// <summary>Goes on with names alone, as long as nobody could sign.</summary>
    public AcceptedContinuation AcceptNames(AcceptedLoss named, string origin) => Keys.Count < Fewest
        ? new AcceptedContinuation(origin, named, [])
        : throw new ExpectedFaultException(
            $"{Keys.Count} people have a key of recovery, so names are not enough: verifiers would refuse the log.",
            "Write what is to be signed with --state FILE, have two of them sign it with `probity backup consent`, and "
            + "give both notes with --consent.");

    /// <summary>Reads and checks the notes, as every verifier will.</summary>
    public async Task<AcceptedContinuation> ReadConsentsAsync(
        IReadOnlyList<string> files, string? reason, CancellationToken cancellationToken)
    {
        var signers = new SortedSet<string>(StringComparer.Ordinal);
        var notes = new List<string>();
        string? origin = null;
        foreach (var file in files)
        {
            var note = await ReadAsync(file, cancellationToken);
            origin = Check(file, note, origin);
            signers.UnionWith(Signers(file, note));
            notes.Add(note.ToString());
        }

        return signers.Count >= Fewest && origin is not null
            ? new AcceptedContinuation(origin, new AcceptedLoss([.. signers], reason ?? DefaultReason), notes)
            : throw new ExpectedFaultException("It takes two different people to accept a loss.",
                "Give --consent twice, with the notes of two people.");
    }

    /// <summary>The origin that a note names; the rest of it must be the loss at hand.</summary>
    private string Check(string file, SignedNote note, string? origin)
    {
        try
        {
            var consent = LossConsent.Parse(note.Text);
            if (note.Text == ToConsent(consent.Origin).ToText() && (origin is null || origin == consent.Origin))
            {
                return consent.Origin;
            }
        }
        catch (NoteFormatException fault)
        {
            throw new ExpectedFaultException($"{file} is no consent to a loss.", "Correct the path.", cause: fault);
        }

        throw new ExpectedFaultException($"{file} is a consent to another loss.",
            "Write this one with --state FILE and have it signed; a consent holds for one continuation only.");
    }

    private IEnumerable<string> Signers(string file, SignedNote note) =>
        NoteVerification.Verify(note, [.. Keys.Select(key => key.Key)]) is NoteVerdict.Verified verified
            ? verified.Signatures.Select(signature => signature.Key.Name)
            : throw new ExpectedFaultException(
                $"{file} is not signed with a key of recovery that the copy names.",
                $"Those are the keys of: {string.Join(", ", Keys.Select(key => key.Person))}.");

    private static async Task<SignedNote> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return SignedNote.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NoteFormatException)
        {
            throw new ExpectedFaultException($"{file} is no note that can be read.", "Correct the path.", cause: fault);
        }
    }
}

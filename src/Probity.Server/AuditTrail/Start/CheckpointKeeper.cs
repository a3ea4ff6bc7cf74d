using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Reading;

namespace Probity.Server.AuditTrail.Start;

/// <summary>
/// Keeps the newest checkpoint outside the database, in the data folder, at most a second old. An old copy of the
/// database that is put back, or one whose end was cut off, then contradicts it at the next start. Whoever can write to
/// both is not held up by it: keep copies elsewhere too.
/// </summary>
internal sealed class CheckpointKeeper(string folder, CommitSignal signal, TimeProvider time) : BackgroundService
{
    public const string FileName = "latest.checkpoint";
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private string FilePath => Path.Combine(folder, FileName);

    /// <summary>
    /// Keeps a checkpoint now. One of another origin is not overwritten but set aside under a name of its own: it is
    /// what shows how much was lost.
    /// </summary>
    public void Keep(string note)
    {
        Directory.CreateDirectory(folder);
        if (File.Exists(FilePath))
        {
            var kept = Checkpoint.Parse(SignedNote.Parse(File.ReadAllText(FilePath)).Text);
            if (kept.Origin != Checkpoint.Parse(SignedNote.Parse(note).Text).Origin)
            {
                File.Copy(FilePath, Path.Combine(folder, $"former-{kept.Root.ToString()[..16]}.checkpoint"), true);
            }
        }

        TryKeep(note);
    }

    /// <summary>Compares the kept checkpoint with the stored log.</summary>
    /// <exception cref="LedgerIntegrityException">The log is older than the checkpoint, or contradicts it.</exception>
    public async Task CheckAsync(
        LedgerReader reader, LogHead head, LogIdentity log, CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath))
        {
            return;
        }

        var note = SignedNote.Parse(await File.ReadAllTextAsync(FilePath, cancellationToken));
        var kept = Checkpoint.Parse(note.Text);
        if (log.Formers.Any(f => f.Key.Name == kept.Origin && NoteVerification.Verify(note, [f.Key]) is not
            NoteVerdict.Refused))
        {
            return; // The log went on under another origin, and the process ended before it was kept.
        }

        if (kept.Origin != head.Origin || NoteVerification.Verify(note, [log.Key]) is NoteVerdict.Refused)
        {
            throw new LedgerIntegrityException(
                $"The kept checkpoint {FilePath} is of another log or key than the database. "
                + "Point AUDIT_DATA_DIR and AUDIT_DATABASE_URL at what belongs together.");
        }

        if (kept.Size > head.Size)
        {
            throw new LedgerIntegrityException(
                $"Rolled back or truncated: the database holds {head.Size} entries, but this installation signed "
                + $"{kept.Size} (kept in {FilePath}). An old copy was put back, or the newest entries were cut off. "
                + "Put a newer copy back; if there is none, `probity backup continue --accept-loss` goes on.");
        }

        if (await reader.RootAsync(kept.Size, cancellationToken) is var root && root != kept.Root)
        {
            throw new LedgerIntegrityException(
                $"Forked or rewritten: at size {kept.Size} the database has root {root}, the kept checkpoint "
                + $"{kept.Root}.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Directory.CreateDirectory(folder);
        Digest written = default;
        try
        {
            while (true)
            {
                if (signal.Head is { } head && head.Root != written && TryKeep(head.Checkpoint))
                {
                    written = head.Root;
                }

                await Task.Delay(s_interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            if (signal.Head is { } last)
            {
                TryKeep(last.Checkpoint);
            }
        }
    }

    private bool TryKeep(string note)
    {
        try
        {
            File.WriteAllText(FilePath + ".new", note);
            File.Move(FilePath + ".new", FilePath, overwrite: true);
            return true;
        }
        catch (IOException)
        {
            // A full disk: the database says so loudly enough, and the next second tries again.
            return false;
        }
    }
}

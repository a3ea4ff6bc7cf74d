using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Recovery;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Cli;

/// <summary>
/// <c>probity backup continue</c>: goes on with a log of which an old copy was put back. The former origin ends, a new
/// one begins with an entry that states what is lost; erasures of the register are carried out again at once.
/// </summary>
internal static class ContinueBody
{
    private const int MostApproverCharacters = 200;

    public static async Task<int> RunAsync(
        ContinueRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        RequireNoServer(context);
        var isSigned = request.StateTo is not null || request.Consents.Count > 0;
        var named = isSigned ? null : Accepted(request.Loss);
        var file = request.Checkpoint ?? KeptCheckpoint(context)
            ?? throw new ExpectedFaultException("No checkpoint from outside is here.",
                "Name the last one that was kept with --against FILE.");
        var outside = await ReadAsync(file, cancellationToken);
        await using var ledger = await LocalLedger.OpenUnpreparedAsync(context, cancellationToken);
        var services = ledger.Services;
        var runtime = services.GetRequiredService<LedgerRuntime>();
        var head = await runtime.OpenAsync(cancellationToken);
        var lost = Compare(outside, file, head, runtime.Log);
        var report = await RequireSoundAsync(services, runtime.Log, cancellationToken);
        var loss = new LossAtHand(head, lost, report.RecoveryKeys);
        if (request.StateTo is { } path)
        {
            return await StateAsync(loss, path, context, cancellationToken);
        }

        var accepted = named is null
            ? await loss.ReadConsentsAsync(request.Consents, request.Loss?.Reason, cancellationToken)
            : loss.AcceptNames(named, NewOrigin(context));
        runtime.ContinueUnder(accepted.Origin);
        await services.GetRequiredService<LedgerWriter>().StartAsync(cancellationToken);
        var receipt = await services.GetRequiredService<ILedgerWriter>().AppendAsync(
            OriginChange.Request(head, lost, runtime.Log, accepted.Loss, accepted.Consents), CancellationToken.None);
        services.GetRequiredService<CheckpointKeeper>().Keep(receipt.Checkpoint);
        DropSearchIndex(context);
        await CustodyModule.PrepareCustodyAsync(services, CancellationToken.None);
        await TellAsync(loss, accepted, runtime.Log, context);
        return ExitCode.Done;
    }

    private static async Task<int> StateAsync(
        LossAtHand loss, string path, VerbContext context, CancellationToken cancellationToken)
    {
        loss.RequireSigners();
        var consent = loss.ToConsent(NewOrigin(context));
        await File.WriteAllTextAsync(path, consent.ToText(), cancellationToken);
        await context.Output.WriteLineAsync(
            $"{RecoveryBody.Describe(consent)}\nNothing was changed. Have two of these sign {path} with "
            + "`probity backup consent`, then give both notes with --consent: "
            + string.Join(", ", loss.Keys.Select(key => key.Person)));
        return ExitCode.Done;
    }

    private static Task TellAsync(
        LossAtHand loss, AcceptedContinuation accepted, LogIdentity log, VerbContext context) =>
        context.Output.WriteLineAsync(
            $"The log goes on as {log.Origin}. Its entry {loss.Head.Size} states that entries {loss.Head.Size} to "
            + $"{loss.Lost.Size - 1} of {loss.Head.Origin} were signed and are lost, accepted by "
            + string.Join(" and ", accepted.Loss.Approvers)
            + (accepted.Consents.Count > 0
                ? ", each with a signature that verifiers check.\n"
                : ", as this command line names them: no server was there to ask them.\n")
            + "Erasures of the register were carried out again. Give those who follow the log its new key:\n"
            + log.Key);

    private static string NewOrigin(VerbContext context) => LedgerStart.NewOrigin(
        context.Settings.PublicUrl is { IsLoopback: false } address ? address : null);

    /// <summary>The checkpoint that the server keeps in the data folder; null when there is none.</summary>
    public static string? KeptCheckpoint(VerbContext context)
    {
        var kept = Path.Combine(context.Settings.DataDir, "checkpoints", CheckpointKeeper.FileName);
        return File.Exists(kept) ? kept : null;
    }

    /// <summary>What was derived from the lost entries is made anew from those there.</summary>
    public static void DropSearchIndex(VerbContext context)
    {
        foreach (var derived in (string[])["search.db", "search.db-wal", "search.db-shm"])
        {
            File.Delete(Path.Combine(context.Settings.DataDir, derived));
        }
    }

    public static void RequireNoServer(VerbContext context)
    {
        if (context.Server is not null)
        {
            throw new ExpectedFaultException("A server holds this data folder.", "Stop it first, on every node.");
        }
    }

    /// <summary>Two different people, or nothing is accepted.</summary>
    public static AcceptedLoss Accepted(AcceptedLoss? loss)
    {
        if (loss is null)
        {
            throw new ExpectedFaultException("Entries that were signed would be lost for good.",
                "Look for a newer copy first; if there is none, add --accept-loss with two --approver.");
        }

        var approvers = loss.Approvers.Select(a => a.Trim()).Where(a => a.Length is > 0 and <= MostApproverCharacters)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return approvers.Count >= 2
            ? loss with { Approvers = approvers }
            : throw new ExpectedFaultException("It takes two different people to accept a loss.",
                "Give --approver twice, with the ids by which they are known.");
    }

    private static async Task<SignedNote> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return SignedNote.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NoteFormatException)
        {
            throw new ExpectedFaultException($"{file} is no checkpoint that can be read.", "Correct the path.",
                cause: fault);
        }
    }

    private static Checkpoint Compare(SignedNote note, string file, LogHead head, LogIdentity log)
    {
        var checkpoint = Checkpoint.Parse(note.Text);
        if (checkpoint.Origin != head.Origin || NoteVerification.Verify(note, [log.Key]) is NoteVerdict.Refused)
        {
            throw new ExpectedFaultException(
                $"{file} is a checkpoint of {checkpoint.Origin}, or is not signed by this log's key; the log that was "
                + $"put back is {head.Origin}.",
                "Give the last checkpoint of that origin; one that was set aside is named former-….checkpoint.");
        }

        return checkpoint.Size > head.Size
            ? checkpoint
            : throw new ExpectedFaultException(
                $"Nothing is lost: the log has {head.Size} entries, the checkpoint counts {checkpoint.Size}.",
                "Start the server; a new origin is for a copy that is older than what was signed.");
    }

    /// <summary>A new origin is no cloak for a log that was tampered with.</summary>
    private static async Task<AuditReport> RequireSoundAsync(
        IServiceProvider services, LogIdentity log, CancellationToken cancellationToken)
    {
        var stored = await StoredLog.OpenAsync(
            services.GetRequiredService<ILedgerStore>(), log.Origin, cancellationToken);
        var report = await LogAuditor.AuditAsync(
            stored, new AuditOptions(log.Keys) { Blobs = stored }, cancellationToken);
        if (report.First is { } finding)
        {
            throw new ExpectedFaultException(
                $"The copy itself was tampered with: {finding.Where}: {finding.Detail}",
                "Put another copy back; nothing was changed.", ExitCode.Tampered);
        }

        return report;
    }
}

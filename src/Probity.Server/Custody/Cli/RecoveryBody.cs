using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.Custody.Recovery;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Custody.Cli;

/// <summary>
/// <c>probity backup approver-key|consent</c>: what a person does who is to accept a loss, on a machine of the own.
/// They read no settings and open no store.
/// </summary>
internal static class RecoveryBody
{
    /// <summary>Makes a key of recovery and prints what verifies it.</summary>
    public static async Task<int> CreateKeyAsync(
        ApproverKeyRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        var passphrase = await PassphraseInput.ReadAsync(request.PassphraseFile, cancellationToken);
        try
        {
            var (text, key) = RecoveryKeyFile.Create(request.Person, passphrase);
            if (!PrivateFile.TryCreate(request.Path, text))
            {
                throw new ExpectedFaultException($"{request.Path} is there already.",
                    "Name another file; a key is never overwritten.");
            }

            await output.WriteLineAsync(
                $"Written: {request.Path}. Keep it and its passphrase yourself; nobody else needs them.\n"
                + $"Ask for it with PUT /api/v1/recovery-keys, signed in as {request.Person}; a second person agrees:\n"
                + key);
            return ExitCode.Done;
        }
        catch (NoteFormatException fault)
        {
            throw new ExpectedFaultException($"{request.Person} cannot be the name of a key.",
                "Give the id of your user, usr_….", cause: fault);
        }
    }

    /// <summary>Shows what is to be accepted and signs it.</summary>
    public static async Task<int> ConsentAsync(
        ConsentRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        var loss = await ReadLossAsync(request.Loss, cancellationToken);
        var passphrase = await PassphraseInput.ReadAsync(request.PassphraseFile, cancellationToken);
        try
        {
            using var signer = RecoveryKeyFile.Open(
                await File.ReadAllTextAsync(request.KeyFile, cancellationToken), passphrase);
            await output.WriteLineAsync(Describe(loss));
            await File.WriteAllTextAsync(request.Output, signer.Sign(loss.ToText()), cancellationToken);
            await output.WriteLineAsync($"Signed as {signer.Key.Name}: {request.Output}");
            return ExitCode.Done;
        }
        catch (InvalidDataException fault)
        {
            throw new ExpectedFaultException(fault.Message, "Check file and passphrase.", cause: fault);
        }
    }

    /// <summary>What a consent says, in words.</summary>
    public static string Describe(LossConsent loss) =>
        $"Entries {loss.KeptSize} to {loss.CheckpointSize - 1} of {loss.FormerOrigin} were signed and are lost for "
        + $"good. The log goes on as {loss.Origin} after entry {loss.KeptSize - 1}, whose hash is {loss.LastHash}. "
        + $"The last checkpoint outside has the root {loss.CheckpointRoot.ToBase64()}: compare it with your own copy.";

    private static async Task<LossConsent> ReadLossAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return LossConsent.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NoteFormatException)
        {
            throw new ExpectedFaultException($"{path} states no loss that can be read.",
                "Give the file that `probity backup continue --state FILE` wrote.", cause: fault);
        }
    }
}

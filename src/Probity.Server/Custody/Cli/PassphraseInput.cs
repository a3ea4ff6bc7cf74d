using Probity.Server.Custody.KeyCare;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Custody.Cli;

/// <summary>Reads the passphrases that verbs are given in files.</summary>
internal static class PassphraseInput
{
    /// <exception cref="ExpectedFaultException">It cannot be read, or is short.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var passphrase = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            return passphrase.Length >= PassphraseFile.FewestCharacters
                ? passphrase
                : throw new ExpectedFaultException(
                    $"The passphrase has fewer than {PassphraseFile.FewestCharacters} characters.",
                    "Use six random words or more.", ExitCode.Configuration);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"The passphrase file {path} cannot be read.", "Correct the path.", ExitCode.Configuration, fault);
        }
    }
}

using System.Security.Cryptography;
using Probity.Ledger.Notes;
using Probity.Server.Custody.KeyCare;

namespace Probity.Server.Custody.Recovery;

/// <summary>What a file with a key of recovery holds.</summary>
/// <param name="Person">Whose it is; the name of the key.</param>
/// <param name="Seed">The seed of RFC 8032, 64 hex digits.</param>
internal sealed record KeptRecoveryKey(string Person, string Seed);

/// <summary>
/// A person's own key to consent to a loss with: Ed25519 of C2SP signed-note, in a <see cref="PassphraseFile"/> that
/// stays with the person. The server never sees it.
/// </summary>
internal static class RecoveryKeyFile
{
    private const string Format = "probity-recovery-key-v1";
    private const string What = "key of recovery";
    private const int SeedBytes = 32;

    /// <summary>A new key.</summary>
    /// <exception cref="NoteFormatException">The person's id may not be the name of a key.</exception>
    public static (string Text, VerifierKey Key) Create(string person, string passphrase)
    {
        var seed = RandomNumberGenerator.GetBytes(SeedBytes);
        using var signer = NoteSigner.FromSeed(person, seed);
        var text = PassphraseFile.Seal(
            new KeptRecoveryKey(person, Convert.ToHexStringLower(seed)), Format, passphrase);
        CryptographicOperations.ZeroMemory(seed);
        return (text, signer.Key);
    }

    /// <summary>Opens a key to sign with; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">It is none, was altered, or the passphrase is another.</exception>
    public static NoteSigner Open(string text, string passphrase)
    {
        var kept = PassphraseFile.Open<KeptRecoveryKey>(text, Format, What, passphrase);
        try
        {
            var seed = Convert.FromHexString(kept.Seed);
            var signer = NoteSigner.FromSeed(kept.Person, seed);
            CryptographicOperations.ZeroMemory(seed);
            return signer;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The file is no {What}, or it is damaged.", fault);
        }
    }
}

using Probity.Server.Hosting;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Keys;

/// <summary>
/// The root key's file while it is replaced: the new key lies beside it as <c>encryption.key.next</c> until every
/// key-encryption key is wrapped under it, then takes its place. The former one stays as
/// <c>encryption.key.FINGERPRINT.former</c>, since older backups open with it only.
/// </summary>
internal static class RootKeyFiles
{
    /// <summary>Where the new key waits.</summary>
    public static string Next(ProbitySettings settings) => KeyFiles.EncryptionKeyFile(settings) + ".next";

    /// <summary>The new key that waits; null when none does.</summary>
    /// <exception cref="InvalidDataException">The file holds no key that would be taken.</exception>
    public static KeyBytes? ReadNext(ProbitySettings settings)
    {
        if (!File.Exists(Next(settings)))
        {
            return null;
        }

        var reading = KeyText.ReadRoot(File.ReadAllText(Next(settings)).Trim());
        return reading.Value ?? throw new InvalidDataException($"{Next(settings)} holds no root key: {reading.Fault}.");
    }

    /// <summary>Puts the new key in the place of the former one, durably. Doing it again does nothing.</summary>
    /// <returns>Whether the file is the one the server reads; false when a variable gives the key.</returns>
    public static bool Exchange(ProbitySettings settings, IRootKey former)
    {
        var (file, next) = (KeyFiles.EncryptionKeyFile(settings), Next(settings));
        if (!File.Exists(next))
        {
            return true;
        }

        if (!File.Exists(file))
        {
            File.Delete(next); // A variable gives the key; whoever rotated has the file it came from.
            return false;
        }

        var kept = $"{file}.{former.Fingerprint}.former";
        if (!File.Exists(kept))
        {
            File.Copy(file, kept);
        }

        File.Move(next, file, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            LibC.SyncFolder(settings.KeysDir);
        }

        return true;
    }
}

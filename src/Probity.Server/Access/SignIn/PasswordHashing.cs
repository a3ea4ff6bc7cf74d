using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using NSec.Cryptography;
using Probity.Server.Access.Users;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Hashes passwords with Argon2id into PHC strings, <c>$argon2id$v=19$m=65536,t=3,p=1$salt$hash</c>. A hash of other
/// parameters is verified with its own and made anew at the next sign-in. Source: RFC 9106 section 4, second choice, with
/// one lane, which is what the library offers.
/// </summary>
internal sealed class PasswordHashing(PasswordCost cost) : IPasswordHasher<UserRow>
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int MaxMemoryKib = 1 << 20;
    private const int MaxPasses = 16;
    private static readonly CompositeFormat s_format = CompositeFormat.Parse("$argon2id$v=19$m={0},t={1},p=1${2}${3}");

    /// <summary>A hash nobody's password has, of today's cost: what an unknown login is compared with.</summary>
    public string Dummy { get; } = Hash(cost, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(HashBytes)));

    public string HashPassword(UserRow user, string password) => Hash(cost, password);

    public PasswordVerificationResult VerifyHashedPassword(UserRow user, string hashedPassword, string providedPassword) =>
        Verify(hashedPassword, providedPassword);

    public PasswordVerificationResult Verify(string hashed, string password)
    {
        if (Read(hashed) is not var (used, salt, hash))
        {
            return PasswordVerificationResult.Failed;
        }

        var actual = Derive(used, password, salt);
        if (!CryptographicOperations.FixedTimeEquals(actual, hash))
        {
            return PasswordVerificationResult.Failed;
        }

        return used == cost ? PasswordVerificationResult.Success : PasswordVerificationResult.SuccessRehashNeeded;
    }

    private static string Hash(PasswordCost cost, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Format(
            CultureInfo.InvariantCulture, s_format, cost.MemoryKib, cost.Passes,
            Convert.ToBase64String(salt).TrimEnd('='), Convert.ToBase64String(Derive(cost, password, salt)).TrimEnd('='));
    }

    private static byte[] Derive(PasswordCost cost, string password, byte[] salt) => PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKib, NumberOfPasses = cost.Passes })
        .DeriveBytes(Encoding.UTF8.GetBytes(password), salt, HashBytes);

    private static (PasswordCost Cost, byte[] Salt, byte[] Hash)? Read(string text)
    {
        var parts = text.Split('$');
        if (parts is not ["", "argon2id", "v=19", var numbers, var salt, var hash] || numbers.Split(',') is not [var m, var t, "p=1"]
            || !Number(m, "m=", MaxMemoryKib, out var memory) || !Number(t, "t=", MaxPasses, out var passes))
        {
            return null;
        }

        try
        {
            return (new PasswordCost(memory, passes), Bytes(salt), Bytes(hash));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static byte[] Bytes(string base64) => Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));

    private static bool Number(string text, string name, int most, out int value)
    {
        value = 0;
        return text.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value > 0 && value <= most;
    }
}

/// <summary>What one hash costs: memory in KiB and passes over it.</summary>
internal sealed record PasswordCost(int MemoryKib, int Passes)
{
    public static PasswordCost Default { get; } = new(64 * 1024, 3);
}

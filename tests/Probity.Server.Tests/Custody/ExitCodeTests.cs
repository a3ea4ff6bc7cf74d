using System.Security.Cryptography;
using Probity.Server.Custody.Cli;
using Probity.Server.Hosting.Cli;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>Keys that must not be taken: the real program refuses each with exit code 78, says why, and shows no
/// key.</summary>
public sealed class ExitCodeTests(SharedPostgres postgres)
{
    private const int Configuration = 78; // sysexits.h EX_CONFIG

    [Theory]
    [InlineData("your-32-byte-encryption-key-here", "sample value")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "sample value")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "all its bytes are zero")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "counts up")]
    [InlineData("7f3a91c04be2d8560f4c1e7799ab32d4", null)] // 32 characters: taken, as the negative control.
    [InlineData("7f3a91c04be2d8560f4c1e7799ab32d47f3a91c04be2d8560f4c1e7799ab32", "are not 32 bytes")]
    [InlineData("7f3a91c04be2d8560f4c1e7799ab32d4e5f60718293a4b5c6d7e8f90a1b2c3d4aa", "are not 32 bytes")]
    [InlineData("fzqRwEvi2FYPTB53masy1OX2BxgpOktcbX6PkKGyww==", "are not 32 bytes")] // 31 bytes in base64
    [InlineData("zz3a91c04be2d8560f4c1e7799ab32d4e5f60718293a4b5c6d7e8f90a1b2c3d4", "are not 32 bytes")] // no hex
    [InlineData("%7f3a91c04be2d8560f4c1e%%", "are not 32 bytes")]
    public async Task A_root_key_that_is_none_is_refused(string key, string? says)
    {
        using var folder = new TemporaryFolder();

        var (code, text) = await RunAsync(folder.At("data"), "AUDIT_ENCRYPTION_KEY", key);

        Check(code, text, key, says);
    }

    [Theory]
    [InlineData("changeme-changeme-changeme-changeme", "sample value")]
    [InlineData("7f3a91c04be2d8560f4c1e7799ab32d4", "holds only 16 bytes")]
    [InlineData("not/hex and not base64 either, but long enough", "neither hex nor base64")]
    public async Task A_secret_key_that_is_none_is_refused(string key, string says)
    {
        using var folder = new TemporaryFolder();

        var (code, text) = await RunAsync(folder.At("data"), "AUDIT_SECRET_KEY", key);

        Check(code, text, key, says);
    }

    [Fact]
    public async Task A_key_file_that_is_not_there_empty_a_folder_or_damaged_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (empty, damaged) = (folder.At("empty.key"), folder.At("damaged.key"));
        await File.WriteAllTextAsync(empty, "\n");
        await File.WriteAllTextAsync(damaged, "f00d");
        (string File, string Says)[] cases =
        [
            (folder.At("nowhere.key"), "there is no such file"), (empty, "the file is empty"),
            (folder.Path, "the file cannot be read"), (damaged, "are not 32 bytes"),
        ];
        foreach (var (file, says) in cases)
        {
            var (code, text) = await RunAsync(folder.At("data"), "AUDIT_ENCRYPTION_KEY_FILE", file);
            Check(code, text, null, says);
        }
    }

    [Fact]
    public async Task A_key_in_the_data_folder_that_was_cut_off_is_refused_and_not_replaced()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("data", "keys"));
        var file = folder.At("data", "keys", "encryption.key");
        await File.WriteAllTextAsync(file, "7f3a91c0");

        var (code, text) = await RunAsync(folder.At("data"), "AUDIT_LOG_FORMAT", "json");

        Check(code, text, null, "are not 32 bytes");
        Assert.Equal("7f3a91c0", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_root_key_that_was_rotated_away_and_a_strange_one_are_refused_each_by_its_name()
    {
        using var installation = await Installation.CreateAsync("sqlite", postgres);
        await installation.RecordAsync(1);
        var former = Convert.ToHexStringLower(installation.Settings.EncryptionKey!.Bytes);
        var file = Path.Combine(installation.Folder, "new.key");
        await File.WriteAllTextAsync(file, RandomNumberGenerator.GetHexString(64, lowercase: true));
        Assert.Equal(ExitCode.Done,
            await KeysBody.RotateRootAsync(file, installation.Context(), CancellationToken.None));

        var rotated = await RunAsync(installation.Folder, "AUDIT_ENCRYPTION_KEY", former);
        var stranger = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var strange = await RunAsync(installation.Folder, "AUDIT_ENCRYPTION_KEY", stranger);

        Check(rotated.Code, rotated.Text, former, "below the minimum version 2");
        Check(strange.Code, strange.Text, stranger, "is not the key this store was made with");
    }

    private static Task<(int Code, string Text)> RunAsync(string data, string name, string value) => Programs.RunAsync(
        "probity.dll", new Dictionary<string, string> { [name] = value }, "ledger", "verify", "--data", data);

    private static void Check(int code, string text, string? key, string? says)
    {
        Assert.True((code == Configuration) == (says is not null), $"exit {code}: {text}");
        if (says is not null)
        {
            Assert.Contains(says, text, StringComparison.Ordinal);
        }

        if (key is not null)
        {
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
        }
    }
}

using System.Globalization;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Hosting.Settings;

public class KeyFilesTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Missing_keys_are_made_private_and_read_again_unchanged()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder.At("data"));

        var first = KeyFiles.Complete(settings, mayCreate: true).Settings!;
        var second = KeyFiles.Complete(settings, mayCreate: true).Settings!;

        Assert.True(first.EncryptionKey!.IsSame(second.EncryptionKey!));
        Assert.True(first.SecretKey!.IsSame(second.SecretKey!));
        Assert.False(first.SecretKey!.IsSame(first.EncryptionKey!));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyFiles.EncryptionKeyFile(settings)));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyFiles.SecretKeyFile(settings)));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(settings.KeysDir));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(settings.DataDir));
        Assert.Equal(2, Directory.GetFiles(settings.KeysDir).Length);
    }

    [Fact]
    public void A_command_that_only_looks_makes_nothing()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder.At("data"));

        var looked = KeyFiles.Complete(settings, mayCreate: false);

        Assert.Null(looked.Settings!.EncryptionKey);
        Assert.False(Directory.Exists(settings.DataDir));
    }

    [Fact]
    public void A_damaged_key_file_is_a_fault_and_is_never_replaced()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder.Path);
        PrivateFile.TryCreate(KeyFiles.EncryptionKeyFile(settings), "half a key");

        var reading = KeyFiles.Complete(settings, mayCreate: true);

        Assert.Null(reading.Settings);
        Assert.Contains("backup", Assert.Single(reading.Faults).Fix, StringComparison.Ordinal);
        Assert.Equal("half a key", File.ReadAllText(KeyFiles.EncryptionKeyFile(settings)));
    }

    [Fact]
    public void A_key_file_open_to_others_warns()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder.Path);
        _ = KeyFiles.Complete(settings, mayCreate: true);
        File.SetUnixFileMode(KeyFiles.SecretKeyFile(settings), OwnerOnly | UnixFileMode.GroupRead);

        Assert.Contains("chmod 600", Assert.Single(KeyFiles.Complete(settings, mayCreate: true).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void With_PostgreSQL_made_keys_warn_that_every_node_needs_them()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder.Path, "postgresql://u@h/db");

        Assert.Equal(2, KeyFiles.Complete(settings, mayCreate: true).Warnings.Count);
        Assert.Empty(KeyFiles.Complete(settings, mayCreate: true).Warnings);
    }

    [Fact]
    public async Task Of_many_that_create_the_same_file_exactly_one_wins_and_it_is_whole()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("keys", "x.key");

        var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
            PrivateFile.TryCreate(path, i.ToString(CultureInfo.InvariantCulture).PadLeft(4096, '.')))));

        Assert.Single(won, w => w);
        Assert.Equal(4096, new FileInfo(path).Length);
        Assert.Single(Directory.GetFiles(folder.At("keys")));
    }

    private static ProbitySettings Settings(string folder, string? database = null)
    {
        var environment = new Dictionary<string, string> { ["AUDIT_DATA_DIR"] = folder };
        if (database is not null)
        {
            environment["AUDIT_DATABASE_URL"] = database;
        }

        return SettingsReader.Read(environment).Settings!;
    }
}

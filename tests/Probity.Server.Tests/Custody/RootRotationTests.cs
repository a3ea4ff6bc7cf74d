using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Probity.Ledger.Verification;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Custody.Cli;
using Probity.Server.Custody.KeyCare;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

public sealed class RootRotationTests(SharedPostgres postgres)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Rotation_of_the_root_key_under_load_loses_nothing_and_the_former_key_opens_nothing(string store)
    {
        using var installation = await Installation.CreateAsync(store, postgres);
        var former = installation.Settings.EncryptionKey!.Bytes.ToArray();
        byte[][] roots = [RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)];
        var entry = new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System);
        await using (var ledger = await installation.OpenAsync())
        {
            var desk = ledger.Services.GetRequiredService<KeyDesk>();
            using var stop = new CancellationTokenSource();
            var load = LoadAsync(ledger, stop.Token);
            await desk.RotateRootAsync(new FileRootKey(roots[0]), entry, CancellationToken.None);
            await desk.RotateAsync(entry, CancellationToken.None);
            var state = await desk.RotateRootAsync(new FileRootKey(roots[1]), entry, CancellationToken.None);
            await stop.CancelAsync();
            Assert.True(await load >= 3, "That was no load.");
            Assert.Equal(3, state.Root.Version);
            await Assert.ThrowsAsync<ProblemException>(() =>
                desk.RotateRootAsync(new FileRootKey(roots[0]), entry, CancellationToken.None));
        }

        await RefusedAsync(installation, former, "minimum version 2");
        await RefusedAsync(installation, roots[0], "minimum version 3");
        await File.WriteAllTextAsync(KeyFiles.EncryptionKeyFile(installation.Settings),
            Convert.ToHexStringLower(roots[1]));
        installation.Reread();
        await using var later = await installation.OpenAsync();
        await CheckAllReadableAsync(later);
    }

    [Fact]
    public async Task The_root_key_moves_into_a_device_and_out_of_it_and_the_former_one_opens_nothing()
    {
        using var token = Probity.Conformance.Keys.SoftHsmToken.Make();
        using var installation = await Installation.CreateAsync("sqlite", postgres);
        await using (var ledger = await installation.OpenAsync())
        {
            await ledger.Services.GetRequiredService<ILedgerWriter>().AppendAsync(
                new AppendRequest([.. Enumerable.Range(0, 3).Select(i => Installation.Entry($"c-{i}"))]),
                CancellationToken.None);
        }

        var code = await KeysBody.RotateRootAsync(token.Address, installation.Context(), CancellationToken.None);

        Assert.True(code == ExitCode.Done, installation.Output.ToString());
        Assert.Contains("set AUDIT_KEY_PROVIDER", installation.Output.ToString(), StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<StorageException>(installation.OpenAsync);
        Assert.Equal("keys.root_rotated_away", refusal.Code);
        var inDevice = installation.Context() with
        {
            Settings = installation.Settings with
            {
                EncryptionKey = null,
                KeyProvider = Probity.Server.Hosting.Settings.Values.TokenUri.Read(token.Address).Value,
            },
        };
        await using (var ledger = await LocalLedger.OpenAsync(inDevice, CancellationToken.None))
        {
            await CheckAllReadableAsync(ledger);
        }

        var file = Path.Combine(installation.Folder, "next.key");
        await File.WriteAllTextAsync(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        Assert.Equal(ExitCode.Done, await KeysBody.RotateRootAsync(file, inDevice, CancellationToken.None));
        File.Copy(file, KeyFiles.EncryptionKeyFile(installation.Settings), overwrite: true);
        installation.Reread();
        await using var later = await installation.OpenAsync();
        await CheckAllReadableAsync(later);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task The_command_exchanges_the_file_and_older_backups_still_open_with_the_former_key(string store)
    {
        using var installation = await Installation.CreateAsync(store, postgres);
        await installation.RecordAsync(3);
        var backup = Path.Combine(installation.Folder, "before.backup");
        await BackupBody.CreateAsync(new BackupRequest(backup, 35), installation.Context(), CancellationToken.None);
        var former = installation.Settings.EncryptionKey!;
        var file = Path.Combine(installation.Folder, "new.key");
        await File.WriteAllTextAsync(file, RandomNumberGenerator.GetHexString(64, lowercase: true));

        var code = await KeysBody.RotateRootAsync(file, installation.Context(), CancellationToken.None);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(["encryption.key"], Directory.GetFiles(installation.Settings.KeysDir, "encryption.key*")
            .Select(Path.GetFileName).Where(name => name!.EndsWith("key", StringComparison.Ordinal)
                || name.EndsWith("next", StringComparison.Ordinal)));
        Assert.Single(Directory.GetFiles(installation.Settings.KeysDir, "encryption.key.*.former"));
        installation.Reread();
        Assert.False(former.IsSame(installation.Settings.EncryptionKey!));
        await using (var ledger = await installation.OpenAsync())
        {
            await CheckAllReadableAsync(ledger);
        }

        await using var opened = File.OpenRead(backup);
        var (header, _) = Probity.Server.Custody.Backup.SealedFile.ReadHeader(opened);
        using var root = new FileRootKey(former.Bytes);
        Assert.Equal(32, Probity.Server.Custody.Backup.SealedFile.UnwrapKey(root, header).Length);
    }

    [Fact]
    public async Task A_crash_between_the_commit_and_the_file_is_mended_by_the_next_start()
    {
        using var installation = await Installation.CreateAsync("sqlite", postgres);
        await installation.RecordAsync(2);
        var next = RandomNumberGenerator.GetBytes(32);
        await File.WriteAllTextAsync(RootKeyFiles.Next(installation.Settings), Convert.ToHexStringLower(next));
        await using (var ledger = await installation.OpenAsync())
        {
            await ledger.Services.GetRequiredService<KeyDesk>().RotateRootAsync(
                new FileRootKey(next), new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System),
                CancellationToken.None); // The process ends here: the file still holds the former key.
        }

        await using (var started = await installation.OpenAsync())
        {
            await CheckAllReadableAsync(started);
        }

        installation.Reread();
        Assert.Equal(next, installation.Settings.EncryptionKey!.Bytes.ToArray());
        Assert.False(File.Exists(RootKeyFiles.Next(installation.Settings)));
    }

    /// <summary>Appends entries about new people until told to stop; how many those were.</summary>
    private static Task<int> LoadAsync(LocalLedger ledger, CancellationToken stop)
    {
        var writer = ledger.Services.GetRequiredService<ILedgerWriter>();
        return Task.Run(
            async () =>
            {
                var count = 0;
                while (!stop.IsCancellationRequested || count < 3)
                {
                    await writer.AppendAsync(
                        new AppendRequest([Installation.Entry($"load-{count++}")]), CancellationToken.None);
                }

                return count;
            },
            CancellationToken.None);
    }

    private static async Task RefusedAsync(Installation installation, byte[] root, string says)
    {
        await using var ledger = LocalLedger.ForReading(installation.Context());
        var refusal = await Assert.ThrowsAsync<StorageException>(() => KeyRing.OpenAsync(
            ledger.Services.GetRequiredService<IDatabase>(), root, TimeProvider.System, CancellationToken.None));
        Assert.Equal("keys.root_rotated_away", refusal.Code);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task CheckAllReadableAsync(LocalLedger ledger)
    {
        var store = ledger.Services.GetRequiredService<ILedgerStore>();
        var opener = ledger.Services.GetRequiredService<EntryOpener>();
        var entries = await store.ReadEntriesAsync(0, 100_000, CancellationToken.None);
        Assert.True(entries.Count >= 3, $"Only {entries.Count} entries.");
        foreach (var entry in entries)
        {
            Assert.Empty((await opener.OpenAsync(entry.Body, true, CancellationToken.None)).Unreadable);
        }

        Assert.Contains(entries, e => System.Text.Encoding.UTF8.GetString(e.Body.Span)
            .Contains("\"type\":\"probity.custody.root_rotated\"", StringComparison.Ordinal));
        var log = ledger.Services.GetRequiredService<LogIdentity>();
        var stored = await Probity.Server.AuditTrail.Verification.StoredLog.OpenAsync(store, log.Origin,
            CancellationToken.None);
        Assert.True((await LogAuditor.AuditAsync(stored, new AuditOptions(log.Keys), CancellationToken.None)).IsSound);
    }
}

using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Custody.Cli;
using Probity.Server.Custody.Erasure;
using Probity.Server.Hosting.Cli;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>An old backup put back: refused, then continued on a new origin with the gap stated.</summary>
public sealed class ContinuationTests(SharedPostgres postgres)
{
    private static readonly AcceptedLoss s_two = new(["ana", "ben"], "the disk burnt");

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task An_old_backup_goes_on_under_a_new_origin_and_verifiers_understand_the_gap(string store)
    {
        using var first = await Installation.CreateAsync(store, postgres);
        using var second = await Installation.CreateAsync(store, postgres);
        var (old, lost, backup) = await LoseAsync(first, second);

        // Without the flag it is put back, the range told, and no start serves it.
        Assert.Equal(ExitCode.Done, await RestoreAsync(second, backup, null));
        Assert.Contains($"entries {old.Size} to {lost.Size - 1} were signed and are lost", second.Output.ToString(),
            StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<LedgerIntegrityException>(second.OpenAsync);
        Assert.Contains("Rolled back", refusal.Message, StringComparison.Ordinal);
        await RefuseAsync(second, null, "would be lost for good");
        await RefuseAsync(second, s_two with { Approvers = ["ana", "ANA"] }, "two different people");

        Assert.Equal(ExitCode.Done, await ContinueBody.RunAsync(
            new ContinueRequest(null, s_two), second.Context(), CancellationToken.None));

        var head = await second.RecordAsync(3);
        Assert.NotEqual(old.Origin, head.Origin);
        await CheckEntryAsync(second, old, lost);
        Assert.Equal(ExitCode.Done, await VerifyBody.RunAsync(
            new VerifyRequest(first.OutsideFile), second.Context(), CancellationToken.None));
        Assert.Contains($"The log goes on from {old.Origin}", second.Output.ToString(), StringComparison.Ordinal);
        await VerifyOutsideAsync(first, second, old, lost);
    }

    [Fact]
    public async Task A_checkpoint_beyond_the_stated_loss_is_still_a_rollback()
    {
        using var first = await Installation.CreateAsync("sqlite", postgres);
        using var second = await Installation.CreateAsync("sqlite", postgres);
        var (old, lost, backup) = await LoseAsync(first, second);
        await RestoreAsync(second, backup, s_two);
        var later = await first.RecordAsync(2); // The former log went on beyond what the loss was stated with.

        var verified = await VerifyBody.RunAsync(
            new VerifyRequest(first.OutsideFile), second.Context(), CancellationToken.None);

        Assert.Equal(ExitCode.Tampered, verified);
        Assert.Contains("rolled_back", second.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"states that {lost.Size} were signed and {old.Size} restored", second.Output.ToString(),
            StringComparison.Ordinal);
        Assert.True(later.Size > lost.Size);
    }

    [Fact]
    public async Task Erasures_of_the_register_are_carried_out_before_the_new_origin_serves()
    {
        using var first = await Installation.CreateAsync("sqlite", postgres);
        using var second = await Installation.CreateAsync("sqlite", postgres);
        var (_, _, backup) = await LoseAsync(first, second);
        var person = await PersonAsync(first);
        var register = new ErasureRegister(Path.Combine(second.Folder, "checkpoints"));
        register.Add([new RegisteredErasure("era_1", person.Subject!, [person.Id],
            TimeProvider.System.GetUtcNow(), "evt_lost")]);

        Assert.Equal(ExitCode.Done, await RestoreAsync(second, backup, s_two));

        await using var ledger = await second.OpenAsync();
        await using var db = ledger.Services.GetRequiredService<IDatabase>().CreateContext();
        Assert.All(
            await db.Set<DataKeyRow>().AsNoTracking().Where(k => k.Subject == person.Subject).ToListAsync(
                TestContext.Current.CancellationToken),
            key => Assert.Equal(DataKeyRow.Destroyed, key.State));
        var entries = await ledger.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(0, 100, CancellationToken.None);
        Assert.Contains(entries, e => JsonDocument.Parse(e.Body).RootElement.GetProperty("type").GetString()
            == "probity.custody.erasure_replayed");
    }

    [Fact]
    public async Task Nothing_is_continued_where_nothing_is_lost_or_the_checkpoint_is_a_strangers()
    {
        using var first = await Installation.CreateAsync("sqlite", postgres);
        using var stranger = await Installation.CreateAsync("sqlite", postgres);
        await first.RecordAsync(2);
        await stranger.RecordAsync(9);

        await RefuseAsync(first, s_two, "Nothing is lost", first.OutsideFile);
        await RefuseAsync(first, s_two, "is a checkpoint of", stranger.OutsideFile);

        await first.RecordAsync(1);
    }

    /// <summary>A backup, more entries after it, and their checkpoint beside the second, still empty
    /// installation.</summary>
    private static async Task<(LogHead Old, LogHead Lost, string Backup)> LoseAsync(
        Installation first, Installation second)
    {
        await first.RecordAsync(4);
        var backup = Path.Combine(first.Folder, "old.backup");
        await BackupBody.CreateAsync(new BackupRequest(backup, 35), first.Context(), CancellationToken.None);
        var old = await HeadOfBackupAsync(first, backup);
        var lost = await first.RecordAsync(5);
        second.TakeKeysOf(first);
        var kept = Path.Combine(second.Folder, "checkpoints");
        Directory.CreateDirectory(kept);
        File.Copy(first.OutsideFile, Path.Combine(kept, CheckpointKeeper.FileName));
        return (old, lost, backup);
    }

    private static async Task<LogHead> HeadOfBackupAsync(Installation of, string backup)
    {
        await using var file = File.OpenRead(backup);
        var (header, _) = Probity.Server.Custody.Backup.SealedFile.ReadHeader(file);
        await using var ledger = await of.OpenAsync();
        var root = await ledger.Services.GetRequiredService<Probity.Server.AuditTrail.Reading.LedgerReader>()
            .RootAsync(header.Size, CancellationToken.None);
        return LogHead.Create(header.Log) with { Size = header.Size, Root = root };
    }

    private static Task<int> RestoreAsync(Installation to, string backup, AcceptedLoss? loss) =>
        BackupBody.RestoreAsync(
        new RestoreRequest(backup, null, null) { Loss = loss }, to.Context(), CancellationToken.None);

    private static async Task RefuseAsync(Installation of, AcceptedLoss? loss, string says, string? against = null)
    {
        var refusal = await Assert.ThrowsAsync<ExpectedFaultException>(() => ContinueBody.RunAsync(
            new ContinueRequest(against, loss), of.Context(), CancellationToken.None));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task CheckEntryAsync(Installation second, LogHead old, LogHead lost)
    {
        await using var ledger = await second.OpenAsync();
        var entry = (await ledger.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(old.Size, 1, CancellationToken.None))[0];
        var data = JsonDocument.Parse(entry.Body).RootElement.GetProperty("data");
        Assert.Equal(old.Origin, data.GetProperty("former_origin").GetString());
        Assert.Equal(old.Size, data.GetProperty("restored_size").GetInt64());
        Assert.Equal(old.Root.ToBase64(), data.GetProperty("restored_root").GetString());
        Assert.Equal(lost.Size, data.GetProperty("checkpoint").GetProperty("size").GetInt64());
        Assert.Equal(lost.Root.ToBase64(), data.GetProperty("checkpoint").GetProperty("root").GetString());
        Assert.Equal([old.Size, lost.Size - 1], data.GetProperty("lost").EnumerateArray().Select(n => n.GetInt64()));
        Assert.Equal(["ana", "ben"],
            data.GetProperty("approvers").EnumerateArray().Select(a => a.GetProperty("id").GetString()));
    }

    /// <summary>The executable, on an exported log and on a pack that has entries of both origins.</summary>
    private static async Task VerifyOutsideAsync(Installation first, Installation second, LogHead old, LogHead lost)
    {
        var (log, pack) = (Path.Combine(second.Folder, "log"), Path.Combine(second.Folder, "pack.zip"));
        await ExportBody.RunAsync(new ExportRequest("tlog", log, 0, null, null), second.Context(),
            CancellationToken.None);
        await ExportBody.RunAsync(new ExportRequest("pack", pack, 0, null, null), second.Context(),
            CancellationToken.None);

        var ofLog = await Programs.VerifyAsync(log, "--checkpoint", first.OutsideFile);
        var ofPack = await Programs.VerifyAsync(pack);

        Assert.True(ofLog.Code == 0, ofLog.Text);
        Assert.Contains($"the log goes on from {old.Origin}: entries {old.Size} to {lost.Size - 1}", ofLog.Text,
            StringComparison.Ordinal);
        Assert.Contains("accepted by ana, ben", ofLog.Text, StringComparison.Ordinal);
        Assert.True(ofPack.Code == 0, ofPack.Text);
    }

    private static async Task<DataKeyRow> PersonAsync(Installation of)
    {
        await using var ledger = await of.OpenAsync();
        await using var db = ledger.Services.GetRequiredService<IDatabase>().CreateContext();
        return await db.Set<DataKeyRow>().AsNoTracking().Where(k => k.Subject != null).OrderBy(k => k.CreatedAt)
            .FirstAsync(TestContext.Current.CancellationToken);
    }
}

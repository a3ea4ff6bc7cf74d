using System.Globalization;
using System.Text;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>A log may change its name only where a genuine entry with two approvers states it.</summary>
public sealed class OriginHistoryTests
{
    private const string Former = "log.example/before";
    private const int Restored = 20;
    private const int Size = 30;
    private const int Signed = 50;

    private static readonly NoteSigner s_former = NoteSigner.FromSeed(Former, StoredLog.Seed(1));
    private static readonly Digest s_lostRoot = MerkleHash.Leaf("lost"u8);

    [Fact]
    public async Task A_stated_continuation_is_sound_and_told()
    {
        var report = await AuditAsync(Continued(), Lost(Signed));

        Assert.True(report.IsSound, string.Join('\n', report.Findings));
        var told = Assert.Single(report.Continuations);
        Assert.Equal((Restored, Former, Signed), (told.EntrySeq, told.FormerOrigin, told.CheckpointSize));
        Assert.Equal(["ana", "ben"], told.Approvers);
    }

    [Theory]
    [InlineData("\"id\":\"ben\"", "\"id\":\"ana\"")] // one approver, twice
    [InlineData("\"restored_size\":20", "\"restored_size\":19")] // not at its own place
    [InlineData("\"size\":50", "\"size\":20")] // nothing lost
    [InlineData("log.example/before", "log.example/bafore")] // another former name than the entries'
    public async Task A_statement_that_does_not_hold_leaves_the_entries_strangers(string from, string to)
    {
        var log = Continued(entry => entry.Replace(from, to, StringComparison.Ordinal));

        var report = await AuditAsync(log);

        Assert.Empty(report.Continuations);
        Assert.Contains(report.Findings, f => f.Kind == FindingKind.Unreadable && f is { FirstSeq: 0, LastSeq: 19 });
    }

    [Fact]
    public async Task Without_a_trusted_key_of_the_former_name_its_entries_are_strangers()
    {
        var report = await LogAuditor.AuditAsync(
            Continued(), new AuditOptions([StoredLog.Key]), TestContext.Current.CancellationToken);

        Assert.False(report.IsSound);
        Assert.Empty(report.Continuations);
    }

    [Fact]
    public async Task A_checkpoint_beyond_the_stated_loss_is_a_rollback_and_another_root_of_it_a_fork()
    {
        var beyond = await AuditAsync(Continued(), Lost(Signed + 1));
        var other = await AuditAsync(
            Continued(), s_former.Sign(new Checkpoint(Former, Signed, MerkleHash.Leaf("other"u8)).ToText()));
        var within = await AuditAsync(Continued(), Lost(Restored + 2));

        Assert.Equal(FindingKind.RolledBack, Assert.Single(beyond.Findings).Kind);
        Assert.Equal(FindingKind.Forked, Assert.Single(other.Findings).Kind);
        Assert.True(within.IsSound, string.Join('\n', within.Findings));
    }

    [Fact]
    public async Task An_entry_altered_before_the_change_is_found_as_ever()
    {
        var log = Continued();
        log.Rows[7].Body[9] ^= 1;

        var report = await AuditAsync(log, Lost(Signed));

        Assert.Equal((FindingKind.Changed, 7L), (report.First!.Kind, report.First.FirstSeq!.Value));
    }

    private static Task<AuditReport> AuditAsync(StoredLog log, params string[] outside) => LogAuditor.AuditAsync(
        log, new AuditOptions([StoredLog.Key, s_former.Key], outside), TestContext.Current.CancellationToken);

    private static string Lost(long size) => s_former.Sign(new Checkpoint(Former, size, s_lostRoot).ToText());

    /// <summary>A log whose first entries are of the former origin, and the statement where the name changes.</summary>
    private static StoredLog Continued(Func<string, string>? change = null)
    {
        var log = StoredLog.Of(Size);
        for (var i = 0; i < Restored; i++)
        {
            log.Rows[i].Body = Bytes(Encoding.UTF8.GetString(log.Rows[i].Body)
                .Replace(StoredLog.Name, Former, StringComparison.Ordinal));
        }

        log.Rows[Restored].Body = Bytes((change ?? (entry => entry))(Statement()));
        log.Rewrite(-1, withTiles: true, StoredLog.Signer);
        log.Checkpoints.Clear();
        Sign(log, 10, s_former, Former);
        Sign(log, Restored, s_former, Former);
        Sign(log, Size, StoredLog.Signer, StoredLog.Name);
        return log;
    }

    private static void Sign(StoredLog log, int size, NoteSigner signer, string origin)
    {
        var tree = new TreeAppender();
        log.Rows.Take(size).ToList().ForEach(row => tree.Append(Digest.From(row.Hash)));
        log.Checkpoints.Add(new StoredLog.StoredCheckpoint
        {
            Size = size,
            Note = signer.Sign(new Checkpoint(origin, size, tree.Root()).ToText()),
        });
    }

    private static string Statement() => string.Concat(string.Create(CultureInfo.InvariantCulture,
        $$$"""
        {"action":"custody.log.continue","actor":{"id":"probity","type":"system"},
        "data":{"approvers":[{"id":"ana"},{"id":"ben"}],
        "checkpoint":{"root":"{{{s_lostRoot.ToBase64()}}}","size":{{{Signed}}}},
        "former_origin":"{{{Former}}}","restored_size":{{{Restored}}}},
        "id":"evt_1","log":"{{{StoredLog.Name}}}","outcome":"success","prev":"{{{new string('0', 64)}}}",
        "recorded_at":"2026-11-24T18:19:34.000020Z","seq":{{{Restored}}},
        "type":"probity.custody.continued","v":1}
        """).Split('\n'));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

using System.Globalization;
using System.Text;
using System.Text.Json;
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
    private static readonly NoteSigner s_ana = NoteSigner.FromSeed("ana", StoredLog.Seed(2));
    private static readonly NoteSigner s_ben = NoteSigner.FromSeed("ben", StoredLog.Seed(3));
    private static readonly Digest s_lostRoot = MerkleHash.Leaf("lost"u8);

    /// <summary>The leaf hash of the last entry that is kept, in a log that names keys.</summary>
    private static readonly Digest s_last = LastOfKept();

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

    [Fact]
    public async Task A_loss_that_two_people_signed_is_told_as_signed()
    {
        var report = await AuditAsync(SignedBy(Consent(s_ana), Consent(s_ben)), Lost(Signed));

        Assert.True(report.IsSound, string.Join('\n', report.Findings));
        Assert.True(Assert.Single(report.Continuations).IsSigned);
        Assert.Equal(["ana", "ben"], report.RecoveryKeys.Select(key => key.Person));
    }

    [Fact]
    public async Task One_note_that_both_signed_is_as_good()
    {
        var note = SignedNote.Parse(Consent(s_ana)).With(s_ben.SignText(Text())).ToString();

        Assert.True(Assert.Single((await AuditAsync(SignedBy(note))).Continuations).IsSigned);
    }

    /// <summary>Each is refused, and the entries before are strangers for it.</summary>
    [Fact]
    public async Task A_loss_that_was_not_signed_by_both_does_not_count()
    {
        using var stranger = NoteSigner.FromSeed("ben", StoredLog.Seed(9));
        using var third = NoteSigner.FromSeed("cara", StoredLog.Seed(8));
        (string Why, string[] Consents)[] refused =
        [
            ("nobody signed", []),
            ("one signed", [Consent(s_ana)]),
            ("one signed twice", [Consent(s_ana), Consent(s_ana)]),
            ("a stranger under the second name", [Consent(s_ana), Consent(stranger)]),
            ("somebody whom no entry names", [Consent(s_ana), Consent(third)]),
            ("no note", [Consent(s_ana), "I agree.\n"]),
            ("a larger gap", [Consent(s_ana), Consent(s_ben, Text(checkpointSize: Signed + 1))]),
            ("another root outside", [Consent(s_ana), Consent(s_ben, Text(root: MerkleHash.Leaf("other"u8)))]),
            ("other entries kept", [Consent(s_ana), Consent(s_ben, Text(last: MerkleHash.Leaf("other"u8)))]),
            ("an earlier copy", [Consent(s_ana), Consent(s_ben, Text(kept: Restored - 1))]),
            ("another log", [Consent(s_ana), Consent(s_ben, Text(former: "log.example/other"))]),
            ("a continuation under another name", [Consent(s_ana), Consent(s_ben, Text(origin: "log.example/again"))]),
        ];

        foreach (var (why, consents) in refused)
        {
            var report = await AuditAsync(SignedBy(consents), Lost(Signed));

            Assert.True(report.Continuations.Count == 0, why);
            Assert.True(report.Findings.Any(f => f.Kind == FindingKind.Unreadable && f is { FirstSeq: 0, LastSeq: 19 }
                && f.Detail.Contains("not what two people signed", StringComparison.Ordinal)), why);
        }
    }

    [Theory]
    [InlineData("{\"id\":\"zoe\"}", "{\"id\":\"ana\"}")] // nobody else agreed to the key
    [InlineData("\"person\":\"ben\"", "\"person\":\"bea\"")] // the key bears another name
    public async Task A_key_that_was_not_set_by_two_verifies_nothing(string from, string to)
    {
        var bent = KeyEntry(5, "ben", s_ben.Key).Replace(from, to, StringComparison.Ordinal);
        var log = SignedBy(Both, (5, bent));

        Assert.Empty((await AuditAsync(log, Lost(Signed))).Continuations);
    }

    [Fact]
    public async Task A_key_taken_back_verifies_nothing_and_leaves_one_who_cannot_sign_alone()
    {
        var back = (6, KeyEntry(6, "ben", null));

        Assert.Empty((await AuditAsync(SignedBy(Both, back), Lost(Signed))).Continuations);

        // With one key left nobody could sign for two: names are enough again.
        var named = await AuditAsync(SignedBy(_ => [], back), Lost(Signed));
        Assert.False(Assert.Single(named.Continuations).IsSigned);
    }

    [Fact]
    public async Task The_newest_key_of_a_person_counts_and_no_other()
    {
        using var next = NoteSigner.FromSeed("ben", StoredLog.Seed(7));
        var changed = (6, KeyEntry(6, "ben", next.Key));

        var former = await AuditAsync(SignedBy(Both, changed), Lost(Signed));
        var present = await AuditAsync(
            SignedBy(last => [Consent(s_ana, Text(last: last)), Consent(next, Text(last: last))], changed),
            Lost(Signed));

        Assert.Empty(former.Continuations);
        Assert.True(Assert.Single(present.Continuations).IsSigned);
    }

    [Fact]
    public void A_consent_reads_back_and_nothing_else_is_one()
    {
        var text = Text();

        Assert.Equal(
            $"probity/loss-consent/v1\n{Former}\n20\n{s_last.ToBase64()}\n50\n{s_lostRoot.ToBase64()}\n"
            + $"{StoredLog.Name}\n",
            text);
        Assert.Equal(text, LossConsent.Parse(text).ToText());
        foreach (var bent in (string[])
            [
                text[..^1], text + "\n", text.Replace("/v1", "/v2", StringComparison.Ordinal),
                text.Replace("\n20\n", "\n020\n", StringComparison.Ordinal),
                text.Replace("\n50\n", "\n20\n", StringComparison.Ordinal),
                text.Replace("\n20\n", "\n0\n", StringComparison.Ordinal),
                text.Replace(Former, "", StringComparison.Ordinal),
            ])
        {
            Assert.Throws<NoteFormatException>(() => LossConsent.Parse(bent));
        }
    }

    private static Task<AuditReport> AuditAsync(StoredLog log, params string[] outside) => LogAuditor.AuditAsync(
        log, new AuditOptions([StoredLog.Key, s_former.Key], outside), TestContext.Current.CancellationToken);

    private static string Lost(long size) => s_former.Sign(new Checkpoint(Former, size, s_lostRoot).ToText());

    private static string Text(
        string former = Former, long kept = Restored, Digest? last = null, long checkpointSize = Signed,
        Digest? root = null, string origin = StoredLog.Name) =>
        new LossConsent(former, kept, last ?? s_last, checkpointSize, root ?? s_lostRoot, origin).ToText();

    private static string Consent(NoteSigner signer, string? text = null) => signer.Sign(text ?? Text());

    private static string[] Both(Digest last) => [Consent(s_ana, Text(last: last)), Consent(s_ben, Text(last: last))];

    private static StoredLog SignedBy(params string[] consents) => SignedBy(_ => consents);

    /// <summary>A continued log whose entries 4 and 5 name the keys of two people.</summary>
    private static StoredLog SignedBy(Func<Digest, string[]> consents, params (int Seq, string Entry)[] more)
    {
        (int, string)[] keys = [(4, KeyEntry(4, "ana", s_ana.Key)), (5, KeyEntry(5, "ben", s_ben.Key)), .. more];
        var last = Digest.From(Continued(null, keys).Rows[Restored - 1].Hash);
        var notes = $"\"consents\":{JsonSerializer.Serialize(consents(last))},\"former_origin\"";
        return Continued(entry => entry.Replace("\"former_origin\"", notes, StringComparison.Ordinal), keys);
    }

    private static string KeyEntry(int seq, string person, VerifierKey? key) => string.Concat(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""
        {"action":"custody.recovery_key.set","actor":{"id":"{{{person}}}","type":"user"},
        "data":{"approvers":[{"id":"ana"},{"id":"zoe"}],
        "key":{{{(key is null ? "null" : JsonSerializer.Serialize(key.ToString()))}}},"person":"{{{person}}}"},
        "id":"evt_key","log":"{{{Former}}}","outcome":"success","prev":"{{{new string('0', 64)}}}",
        "recorded_at":"2026-11-24T18:19:34.000020Z","seq":{{{seq}}},
        "type":"probity.custody.recovery_key_set","v":1}
        """).Split('\n'));

    /// <summary>A log whose first entries are of the former origin, and the statement where the name changes.</summary>
    private static StoredLog Continued(
        Func<string, string>? change = null, params (int Seq, string Entry)[] others)
    {
        var log = StoredLog.Of(Size);
        for (var i = 0; i < Restored; i++)
        {
            log.Rows[i].Body = Bytes(Encoding.UTF8.GetString(log.Rows[i].Body)
                .Replace(StoredLog.Name, Former, StringComparison.Ordinal));
        }

        foreach (var (seq, entry) in others)
        {
            log.Rows[seq].Body = Bytes(entry);
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

    private static Digest LastOfKept() => Digest.From(
        Continued(null, (4, KeyEntry(4, "ana", s_ana.Key)), (5, KeyEntry(5, "ben", s_ben.Key)))
            .Rows[Restored - 1].Hash);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

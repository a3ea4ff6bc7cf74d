using System.Security.Cryptography;
using System.Text;
using Probity.Conformance.Storage;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Append;
using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>What every ledger store must do; each test runs on each.</summary>
public sealed class LedgerStoreTests(LedgerStores stores) : IClassFixture<LedgerStores>
{
    public static TheoryData<StoreKind> Kinds { get; } = [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_event_gets_a_receipt_whose_proof_verifies(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        var result = await ledger.CommitAsync(TestLedger.Event(1));

        var place = result.Places[0];
        var proof = await ledger.Reader.ProofAsync(place.Seq, null, CancellationToken.None);
        var entry = await ledger.Reader.EntryAsync(place.Seq, CancellationToken.None);
        Assert.Equal(place.Hash, MerkleHash.Leaf(entry!.Value.Body.Span));
        Assert.IsType<TlogProofVerdict.Verified>(proof!.Verify(place.Hash, [ledger.Log.Key]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Proofs_verify_whose_path_goes_through_partial_tiles(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        await ledger.FillAsync(700);

        foreach (var seq in (long[])[0, 255, 256, 511, 512, 699])
        {
            var proof = await ledger.Reader.ProofAsync(seq, null, CancellationToken.None);
            var entry = await ledger.Reader.EntryAsync(seq, CancellationToken.None);
            Assert.IsType<TlogProofVerdict.Verified>(
                proof!.Verify(MerkleHash.Leaf(entry!.Value.Body.Span), [ledger.Log.Key]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Entries_number_and_link_without_a_gap_under_many_writers(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => ledger.CommitAsync(TestLedger.Event(i)))));

        var report = await ledger.AuditAsync();
        Assert.True(report.IsSound, report.First?.Detail);
        Assert.Equal(300, report.Counts.Entries);
    }

    /// <summary>Also where the driver sends more than the socket takes at once: the pool is held meanwhile.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_commit_of_many_new_persons_waits_for_no_thread_of_the_pool(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        await ledger.CommitAsync(TestLedger.Event(0)); // Opens the connection, which may wait for the pool.
        var many = new AppendRequest([.. Enumerable.Range(1, 2_000).Select(i => ledger.Prepare(TestLedger.Event(i)))]);
        using var free = new ManualResetEventSlim();
        var holding = Enumerable.Range(0, 200).Select(_ => Task.Run(free.Wait)).ToArray();

        bool isCommitted;
        try
        {
            var commit = ledger.Writer.AppendAsync(many);
            isCommitted = SpinWait.SpinUntil(() => commit.IsCompletedSuccessfully, TimeSpan.FromSeconds(10));
        }
        finally
        {
            free.Set();
        }

        await Task.WhenAll(holding);
        Assert.True(isCommitted, "The commit waited for the thread pool.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Tiles_are_stored_when_full_and_derived_when_partial(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        await ledger.FillAsync(700);

        var leaves = await ledger.Ledger.ReadHashesAsync(0, 700, CancellationToken.None);
        var full = await ledger.Reader.TileAsync(new TilePath(0, 1, 256), CancellationToken.None);
        var partial = await ledger.Reader.TileAsync(new TilePath(0, 2, 188), CancellationToken.None);
        var upper = await ledger.Reader.TileAsync(new TilePath(1, 0, 2), CancellationToken.None);
        Assert.Equal(leaves.Skip(256).Take(256).SelectMany(hash => hash.ToArray()), full!.Value.ToArray());
        Assert.Equal(leaves.Skip(512).SelectMany(hash => hash.ToArray()), partial!.Value.ToArray());
        Assert.Equal(TileHashes.Root(full.Value.Span), Digest.From(upper!.Value.Span[32..]));
        Assert.Null(await ledger.Reader.TileAsync(new TilePath(0, 2, 189), CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_writer_that_takes_over_continues_the_tree(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        await ledger.FillAsync(513);

        await using (var second = await LedgerStores.ReopenAsync(ledger))
        {
            await second.CommitAsync(TestLedger.Event(1));
        }

        await ledger.CommitAsync(TestLedger.Event(2));

        var report = await ledger.AuditAsync();
        Assert.True(report.IsSound, report.First?.Detail);
        Assert.Equal(515, report.Counts.Entries);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_same_external_id_gives_the_first_receipt_again(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        const string Json = """{"action":"a","actor":{"id":"x"},"source":"s","external_id":"1"}""";

        var first = await ledger.CommitAsync(Json);
        var second = await ledger.CommitAsync(Json);
        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ledger.CommitAsync(Json)));

        Assert.False(first.Places[0].Duplicate);
        Assert.Equal(first.Places[0] with { Duplicate = true }, second.Places[0]);
        Assert.All(together, result => Assert.Equal(second.Places[0], result.Places[0]));
        Assert.Equal(1, (await ledger.Ledger.ReadHeadAsync(CancellationToken.None))!.Size);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_external_id_with_other_content_is_refused_and_changes_nothing(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        await ledger.CommitAsync("""{"action":"a","actor":{"id":"x"},"source":"s","external_id":"1"}""");

        var result = await ledger.AppendAsync(
            TestLedger.Event(1), """{"action":"b","actor":{"id":"x"},"source":"s","external_id":"1"}""");

        Assert.Equal(new AppendResult.ExternalIdReused(1, 0), result);
        Assert.Equal(1, (await ledger.Ledger.ReadHeadAsync(CancellationToken.None))!.Size);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_idempotency_key_replays_the_answer_and_refuses_another_request(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        var key = SHA256.HashData("key"u8);
        Task<AppendResult> Send(int number) => ledger.Writer.AppendAsync(new AppendRequest(
            [ledger.Prepare(TestLedger.Event(number))],
            new IdempotencyKey(key, SHA256.HashData(Encoding.UTF8.GetBytes($"{number}")))));

        var first = (AppendResult.Committed)await Send(1);
        var again = (AppendResult.Committed)await Send(1);
        var other = await Send(2);

        Assert.True(again.Replayed);
        Assert.Equal(first.Places, again.Places);
        Assert.Equal(first.Checkpoint, again.Checkpoint);
        Assert.IsType<AppendResult.KeyReused>(other);
        Assert.Equal(1, (await ledger.Ledger.ReadHeadAsync(CancellationToken.None))!.Size);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Secret_members_lie_encrypted_and_open_again(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        const string Canary = "CANARY-7f3a";
        await ledger.CommitAsync(
            $$$"""{"action":"a","actor":{"id":"x","name":"{{{Canary}}}"},"after":{"iban":"{{{Canary}}}"},"reason":"{{{Canary}}}"}""");

        var entry = (await ledger.Reader.EntryAsync(0, CancellationToken.None))!.Value;
        var opened = await ledger.Opener.OpenAsync(entry.Body, true, CancellationToken.None);

        Assert.DoesNotContain(Canary, Encoding.UTF8.GetString(entry.Body.Span), StringComparison.Ordinal);
        Assert.Equal(Canary, opened.Json["actor"]!["name"]!.GetValue<string>());
        Assert.Equal(Canary, opened.Json["after"]!["iban"]!.GetValue<string>());
        Assert.Equal(Canary, opened.Json["reason"]!["text"]!.GetValue<string>());
        Assert.Empty(opened.Unreadable);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_large_member_moves_to_a_blob_that_commits_and_opens_with_its_entry(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        var large = new string('x', 200_000);

        await ledger.CommitAsync($$$"""{"action":"a","actor":{"id":"x"},"after":{"text":"{{{large}}}"}}""");

        var entry = (await ledger.Reader.EntryAsync(0, CancellationToken.None))!.Value;
        var opened = await ledger.Opener.OpenAsync(entry.Body, true, CancellationToken.None);
        var report = await ledger.AuditAsync();
        Assert.True(entry.Body.Length < 65_536);
        Assert.Equal(large, opened.Json["after"]!["text"]!.GetValue<string>());
        Assert.True(report.IsSound, report.First?.Detail);
        Assert.Equal(1, report.Counts.Blobs);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Work_alongside_commits_with_the_entry_or_not_at_all(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        AppendRequest Request(string sql) => new(
            [ledger.Prepare(TestLedger.Event(1))],
            alongside: (connection, transaction, _) => Sql.ExecuteAsync(connection, transaction, sql));
        var insert = $"insert into {ledger.Store.Table("follower_cursor")} values ('test', 7)";

        await ledger.Writer.AppendAsync(Request(insert));
        await Assert.ThrowsAnyAsync<Exception>(() => ledger.Writer.AppendAsync(Request(insert)));
        await ledger.CommitAsync(TestLedger.Event(2));

        Assert.Equal(2, (await ledger.Ledger.ReadHeadAsync(CancellationToken.None))!.Size);
        Assert.True((await ledger.AuditAsync()).IsSound);
    }
}

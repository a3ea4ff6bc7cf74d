using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Probity.Conformance.Storage;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class KeyRingTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_later_process_decrypts_with_the_stored_key(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var nonce = new byte[12];
        var sealedBytes = new byte[5 + 16];
        string id;
        using (var ring = await OpenAsync(store))
        {
            var key = await ring.SegmentKeyAsync(CancellationToken.None);
            FieldCipher.Encrypt(key, "aad"u8, "hello"u8, nonce, sealedBytes);
            id = key.Id;
        }

        using var later = await OpenAsync(store);
        var opened = new byte[5];
        FieldCipher.Decrypt(await later.FindAsync(id, CancellationToken.None), "aad"u8, nonce, sealedBytes, opened);

        Assert.Equal("hello"u8, opened);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Another_root_key_is_refused_as_configuration(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        using (await OpenAsync(store))
        {
        }

        var refusal = await Assert.ThrowsAsync<KeysException>(() => KeyRing.OpenAsync(
            store.Database, RandomNumberGenerator.GetBytes(32), _time, SegmentKeyLimits.Default, CancellationToken.None));

        Assert.Equal(KeysException.RootMismatch, refusal.Code);
        Assert.Equal(78, refusal.ExitCode);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Nodes_that_start_together_agree_on_the_single_keys(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);

        var seeds = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var ring = await OpenAsync(store);
            using var seed = await ring.SecretAsync(KeyKind.LogSigning, CancellationToken.None);
            return Convert.ToHexString(seed.Span);
        })));

        Assert.Single(seeds.Distinct());
        Assert.Equal(2L, await store.ScalarAsync("SELECT count(*) FROM " + store.Table("data_key")));
    }

    [Fact]
    public async Task Single_keys_of_different_kinds_differ_and_stay()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);

        var first = await SecretsAsync(ring);
        var second = await SecretsAsync(ring);

        Assert.Equal(first, second);
        Assert.Equal(3, first.Distinct().Count());
    }

    [Fact]
    public async Task The_use_bound_moves_the_ring_to_a_new_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store, new SegmentKeyLimits(100, TimeSpan.FromHours(24)));
        var ids = new List<string>();

        for (var i = 0; i < 250; i++)
        {
            var key = await ring.SegmentKeyAsync(CancellationToken.None);
            ids.Add(key.Id);
            FieldCipher.Encrypt(key, [], [], new byte[12], new byte[16]);
        }

        Assert.Equal([100, 100, 50], ids.GroupBy(id => id).Select(uses => uses.Count()));
    }

    [Fact]
    public async Task A_key_held_beyond_twice_the_bound_refuses()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store, new SegmentKeyLimits(100, TimeSpan.FromHours(24)));
        var held = await ring.SegmentKeyAsync(CancellationToken.None);
        for (var i = 0; i < 200; i++)
        {
            FieldCipher.Encrypt(held, [], [], new byte[12], new byte[16]);
        }

        var refusal = Assert.Throws<KeysException>(() => FieldCipher.Encrypt(held, [], [], new byte[12], new byte[16]));

        Assert.Equal(KeysException.Exhausted, refusal.Code);
    }

    [Fact]
    public async Task A_day_moves_the_ring_to_a_new_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);
        var first = await ring.SegmentKeyAsync(CancellationToken.None);

        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        var same = await ring.SegmentKeyAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromTicks(1));
        var next = await ring.SegmentKeyAsync(CancellationToken.None);

        Assert.Same(first, same);
        Assert.NotEqual(first.Id, next.Id);
    }

    [Fact]
    public async Task Threads_that_ask_together_get_one_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);

        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            Task.Run(async () => await ring.SegmentKeyAsync(CancellationToken.None))));

        Assert.Single(keys.Distinct());
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_segment_key_is_stored_before_it_is_handed_out(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        using var ring = await OpenAsync(store);

        var key = await ring.SegmentKeyAsync(CancellationToken.None);

        Assert.Equal(1L, await store.ScalarAsync(
            $"SELECT count(*) FROM {store.Table("data_key")} WHERE id = '{key.Id}' AND state = 'active'"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_wrapped_key_moved_to_another_row_is_refused(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        string first, second;
        using (var ring = await OpenAsync(store, new SegmentKeyLimits(1, TimeSpan.FromHours(24))))
        {
            var key = await ring.SegmentKeyAsync(CancellationToken.None);
            FieldCipher.Encrypt(key, [], [], new byte[12], new byte[16]);
            (first, second) = (key.Id, (await ring.SegmentKeyAsync(CancellationToken.None)).Id);
        }

        var table = store.Table("data_key");
        await store.ExecuteAsOwnerAsync(
            $"UPDATE {table} SET wrapped = (SELECT wrapped FROM {table} WHERE id = '{second}') WHERE id = '{first}'");
        using var later = await OpenAsync(store);

        var refusal = await Assert.ThrowsAsync<KeysException>(
            async () => await later.FindAsync(first, CancellationToken.None));

        Assert.Equal(KeysException.UnwrapFailed, refusal.Code);
        Assert.NotNull(await later.FindAsync(second, CancellationToken.None));
    }

    [Fact]
    public async Task Unknown_and_destroyed_keys_are_told_apart()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        string id;
        using (var ring = await OpenAsync(store))
        {
            id = (await ring.SegmentKeyAsync(CancellationToken.None)).Id;
        }

        await store.ExecuteAsync($"UPDATE data_key SET wrapped = NULL, state = 'destroyed' WHERE id = '{id}'");
        using var later = await OpenAsync(store);

        Assert.Equal(KeysException.Destroyed, await RefusalAsync(later, id));
        Assert.Equal(KeysException.Unknown, await RefusalAsync(later, "seg_none"));
    }

    [Fact]
    public async Task A_loaded_key_decrypts_but_never_encrypts()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        string id;
        using (var ring = await OpenAsync(store))
        {
            id = (await ring.SegmentKeyAsync(CancellationToken.None)).Id;
        }

        using var later = await OpenAsync(store);
        var key = await later.FindAsync(id, CancellationToken.None);

        Assert.Throws<KeysException>(() => FieldCipher.Encrypt(key, [], [], new byte[12], new byte[16]));
        Assert.NotEqual(id, (await later.SegmentKeyAsync(CancellationToken.None)).Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // negative control: the search does find what is stored in the clear
    public async Task An_encrypted_canary_is_nowhere_in_the_files(bool encrypt)
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);
        var canary = "canary-7c1f4e-Jane-Doe"u8.ToArray();
        var stored = new byte[canary.Length + 16];
        FieldCipher.Encrypt(await ring.SegmentKeyAsync(CancellationToken.None), "aad"u8, canary, new byte[12], stored);
        var body = Convert.ToHexString(encrypt ? stored : canary);
        var zeros = new string('0', 64);

        await store.ExecuteAsync($"INSERT INTO ledger_entry VALUES (0, x'{zeros}', x'{body}')");
        using var root = SecretBytes.CopyOf(_root);
        using var seed = await ring.SecretAsync(KeyKind.LogSigning, CancellationToken.None);

        Assert.Equal(!encrypt, FilesContain(store, canary));
        Assert.False(FilesContain(store, root.Span));
        Assert.False(FilesContain(store, seed.Span));
        Assert.True(FilesContain(store, Encoding.UTF8.GetBytes("log_signing")));
    }

    [Fact]
    public async Task A_disposed_ring_and_its_keys_serve_no_more()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ring = await OpenAsync(store);
        var key = await ring.SegmentKeyAsync(CancellationToken.None);

        ring.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ring.SegmentKeyAsync(CancellationToken.None));
        Assert.Throws<ObjectDisposedException>(() => FieldCipher.Encrypt(key, [], [], new byte[12], new byte[16]));
    }

    private Task<KeyRing> OpenAsync(TestStore store, SegmentKeyLimits? limits = null) => KeyRing.OpenAsync(
        store.Database, _root, _time, limits ?? SegmentKeyLimits.Default, CancellationToken.None);

    private static async Task<string> RefusalAsync(KeyRing ring, string id) => (await Assert.ThrowsAsync<KeysException>(
        async () => await ring.FindAsync(id, CancellationToken.None))).Code;

    private static async Task<List<string>> SecretsAsync(KeyRing ring)
    {
        var secrets = new List<string>();
        foreach (var kind in (KeyKind[])[KeyKind.LogSigning, KeyKind.BlindIndex, KeyKind.PageToken])
        {
            using var secret = await ring.SecretAsync(kind, CancellationToken.None);
            secrets.Add(Convert.ToHexString(secret.Span));
        }

        return secrets;
    }

    private static bool FilesContain(TestStore store, ReadOnlySpan<byte> wanted)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(store.Sqlite.Path) ?? string.Empty, "probity.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (bytes.AsSpan().IndexOf(wanted) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}

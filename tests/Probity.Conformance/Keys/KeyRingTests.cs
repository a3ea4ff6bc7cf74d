using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Probity.Conformance.Storage;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class KeyRingTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_later_process_opens_with_the_stored_key(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        SealedText text;
        using (var ring = await OpenAsync(store))
        {
            text = Seal(ring, "hello"u8);
        }

        using var later = await OpenAsync(store);

        Assert.Equal("hello"u8, Open(later, text));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Another_root_key_is_refused(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        using (await OpenAsync(store))
        {
        }

        var refusal = await Assert.ThrowsAsync<StorageException>(() => KeyRing.OpenAsync(
            store.Database, RandomNumberGenerator.GetBytes(32), _time, CancellationToken.None));

        Assert.Equal("keys.root_mismatch", refusal.Code);
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
            return Convert.ToHexString(ring.Installation.LogSigning);
        })));

        Assert.Single(seeds.Distinct());
        Assert.Equal(4L, await store.ScalarAsync("SELECT count(*) FROM " + store.Table("data_key")));
    }

    [Fact]
    public async Task Single_keys_of_different_kinds_differ_and_stay()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);
        using var later = await OpenAsync(store);

        Assert.Equal(Singles(ring), Singles(later));
        Assert.Equal(3, Singles(ring).Distinct().Count());
    }

    [Fact]
    public async Task The_use_bound_moves_the_ring_to_a_new_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store, new SegmentKeyLimits(100, TimeSpan.FromHours(24)));

        var ids = Enumerable.Range(0, 250).Select(_ => Seal(ring, []).Key).ToList();

        Assert.Equal([100, 100, 50], ids.GroupBy(id => id).Select(uses => uses.Count()));
    }

    [Fact]
    public async Task Threads_that_meet_the_bound_together_never_exceed_it()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store, new SegmentKeyLimits(50, TimeSpan.FromHours(24)));

        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            Task.Run(() => Enumerable.Range(0, 200).Select(_ => Seal(ring, []).Key).ToList())));

        Assert.All(ids.SelectMany(id => id).GroupBy(id => id), uses => Assert.InRange(uses.Count(), 1, 50));
    }

    [Fact]
    public async Task A_day_moves_the_ring_to_a_new_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);
        var first = Seal(ring, []).Key;

        // Stored instants are whole microseconds, so the last moment of the old key is one of them.
        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        var same = Seal(ring, []).Key;
        _time.Advance(TimeSpan.FromMicroseconds(1));
        var next = Seal(ring, []).Key;

        Assert.Equal(first, same);
        Assert.NotEqual(first, next);
    }

    [Fact]
    public async Task Threads_that_ask_together_get_one_key()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);

        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Seal(ring, []).Key)));

        Assert.Single(keys.Distinct());
        Assert.Equal(1L, await store.ScalarAsync("SELECT count(*) FROM data_key WHERE kind = 'segment'"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_segment_key_is_stored_before_it_is_handed_out(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        using var ring = await OpenAsync(store);

        var key = ring.Rent();

        Assert.Equal(1L, await store.ScalarAsync(
            $"SELECT count(*) FROM {store.Table("data_key")} WHERE id = '{key.Id}' AND state = 'active'"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_wrapped_key_moved_to_another_row_is_refused(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        SealedText first, second;
        using (var ring = await OpenAsync(store, new SegmentKeyLimits(1, TimeSpan.FromHours(24))))
        {
            (first, second) = (Seal(ring, "one"u8), Seal(ring, "two"u8));
        }

        var table = store.Table("data_key");
        await store.ExecuteAsOwnerAsync(
            $"UPDATE {table} SET wrapped = (SELECT wrapped FROM {table} WHERE id = '{second.Key}') WHERE id = '{first.Key}'");
        using var later = await OpenAsync(store);

        Assert.ThrowsAny<CryptographicException>(() => Open(later, first));
        Assert.Equal("two"u8, Open(later, second));
    }

    [Fact]
    public async Task A_changed_signing_key_is_refused_when_the_ring_opens()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using (await OpenAsync(store))
        {
        }

        await store.ExecuteAsync(
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE kind = 'page_token') WHERE kind = 'log_signing'");
        var refusal = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(store));

        Assert.Equal("keys.unwrap_failed", refusal.Code);
    }

    [Fact]
    public async Task Unknown_and_destroyed_keys_do_not_open()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        SealedText text;
        using (var ring = await OpenAsync(store))
        {
            text = Seal(ring, "hello"u8);
        }

        await store.ExecuteAsync($"UPDATE data_key SET wrapped = NULL, state = 'destroyed' WHERE id = '{text.Key}'");
        using var later = await OpenAsync(store);

        Assert.ThrowsAny<CryptographicException>(() => Open(later, text));
        Assert.ThrowsAny<CryptographicException>(() => Open(later, text with { Key = "seg_none" }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // negative control: the search does find what is stored in the clear
    public async Task An_encrypted_canary_is_nowhere_in_the_files(bool encrypt)
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var ring = await OpenAsync(store);
        var canary = "canary-7c1f4e-Jane-Doe"u8.ToArray();
        var body = Convert.ToHexString(encrypt ? Seal(ring, canary).Bytes : canary);
        var zeros = new string('0', 64);

        await store.ExecuteAsync($"INSERT INTO ledger_entry VALUES (0, x'{zeros}', x'{body}')");

        Assert.Equal(!encrypt, FilesContain(store, canary));
        Assert.All((byte[][])[_root, ring.Installation.LogSigning, ring.Installation.BlindIndex, ring.Installation.PageToken],
            key => Assert.False(FilesContain(store, key)));
        Assert.True(FilesContain(store, Encoding.UTF8.GetBytes("log_signing")));
    }

    [Fact]
    public async Task A_disposed_ring_has_zeroed_its_keys_and_serves_no_more()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ring = await OpenAsync(store);
        var text = Seal(ring, "hello"u8);

        ring.Dispose();

        Assert.All((byte[][])[ring.Installation.LogSigning, ring.Installation.BlindIndex, ring.Installation.PageToken],
            key => Assert.Equal(new byte[32], key));
        Assert.Throws<ObjectDisposedException>(() => ring.Rent());
        Assert.Throws<ObjectDisposedException>(() => Open(ring, text));
    }

    private Task<KeyRing> OpenAsync(TestStore store, SegmentKeyLimits? limits = null) => KeyRing.OpenAsync(
        store.Database, _root, _time, limits ?? SegmentKeyLimits.Default, CancellationToken.None);

    private static List<string> Singles(KeyRing ring) =>
    [
        Convert.ToHexString(ring.Installation.LogSigning),
        Convert.ToHexString(ring.Installation.BlindIndex),
        Convert.ToHexString(ring.Installation.PageToken),
    ];

    private static SealedText Seal(KeyRing ring, ReadOnlySpan<byte> plain)
    {
        var key = ring.Rent();
        var text = new SealedText(key.Id, new byte[12], new byte[plain.Length + 16]);
        key.Seal("aad"u8, plain, text.Nonce, text.Bytes);
        return text;
    }

    private static byte[] Open(KeyRing ring, SealedText text)
    {
        var plain = new byte[text.Bytes.Length - 16];
        ring.Open(text.Key, "aad"u8, text.Nonce, text.Bytes, plain);
        return plain;
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

    private sealed record SealedText(string Key, byte[] Nonce, byte[] Bytes);
}

using System.Security.Cryptography;
using System.Text.Json;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class SegmentKeyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly SegmentKeyLimits s_noLimit = new(long.MaxValue, TimeSpan.MaxValue);

    [Fact]
    public void What_is_sealed_opens_to_the_same_bytes()
    {
        using var key = Key(s_noLimit);
        for (var length = 0; length < 100; length++)
        {
            var plain = new byte[length];
            plain.AsSpan().Fill((byte)length);

            var (nonce, sealedBytes) = Seal(key, "aad"u8, plain);
            var opened = new byte[length];
            key.Open("aad"u8, nonce, sealedBytes, opened);

            Assert.Equal(plain, opened);
        }
    }

    [Fact]
    public void A_changed_ciphertext_nonce_or_associated_data_is_refused()
    {
        using var key = Key(s_noLimit);
        var (nonce, sealedBytes) = Seal(key, "aad"u8, "hello"u8);

        Assert.ThrowsAny<CryptographicException>(() => key.Open("aae"u8, nonce, sealedBytes, new byte[5]));
        for (var i = 0; i < sealedBytes.Length; i++)
        {
            sealedBytes[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => key.Open("aad"u8, nonce, sealedBytes, new byte[5]));
            sealedBytes[i] ^= 1;
        }

        nonce[0] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => key.Open("aad"u8, nonce, sealedBytes, new byte[5]));
    }

    [Fact]
    public void A_rented_key_seals_once()
    {
        using var key = Key(s_noLimit);
        var rented = Rent(key);
        rented.Seal([], [], new byte[12], new byte[16]);

        Assert.Throws<InvalidOperationException>(() => rented.Seal([], [], new byte[12], new byte[16]));
    }

    [Fact]
    public async Task Nonces_do_not_repeat_across_threads()
    {
        using var key = Key(s_noLimit);

        var nonces = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 20_000)
            .Select(_ => Convert.ToHexString(Seal(key, [], []).Nonce)).ToList())));

        Assert.Equal(80_000, nonces.SelectMany(n => n).Distinct().Count());
    }

    [Fact]
    public async Task The_bound_is_exact_when_threads_race()
    {
        using var key = Key(new SegmentKeyLimits(1000, TimeSpan.FromDays(1)));

        var served = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 500)
            .Count(_ => key.TryRent(s_now) is not null))));

        Assert.Equal(1000, served.Sum());
    }

    [Fact]
    public void A_disposed_key_serves_no_more()
    {
        var key = Key(s_noLimit);
        var (nonce, sealedBytes) = Seal(key, [], []);
        var rented = Rent(key);

        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => rented.Seal([], [], new byte[12], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => key.TryRent(s_now));
        Assert.Throws<ObjectDisposedException>(() => key.Open([], nonce, sealedBytes, []));
    }

    [Fact]
    public void Wycheproof_vectors_with_our_nonce_and_tag_lengths_pass()
    {
        using var document = JsonDocument.Parse(TestData.Bytes("vectors/wycheproof/aes_gcm_test.json"));
        var run = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray()
            .Where(g => g.GetProperty("ivSize").GetInt32() == 96 && g.GetProperty("tagSize").GetInt32() == 128))
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                if (group.GetProperty("keySize").GetInt32() != 256)
                {
                    Assert.Throws<ArgumentOutOfRangeException>(() => new GcmCipher(Hex(test, "key")));
                    continue;
                }

                CheckVector(test, isOnPlatform: false);
                CheckVector(test, isOnPlatform: true);
                run++;
            }
        }

        Assert.Equal(66, run);
    }

    private static void CheckVector(JsonElement test, bool isOnPlatform)
    {
        using var key = new GcmCipher(Hex(test, "key"), isOnPlatform);
        byte[] sealedBytes = [.. Hex(test, "ct"), .. Hex(test, "tag")];
        var opened = new byte[sealedBytes.Length - 16];
        if (test.GetProperty("result").GetString() == "valid")
        {
            key.Decrypt(Hex(test, "iv"), Hex(test, "aad"), sealedBytes, opened);
            Assert.Equal(Hex(test, "msg"), opened);
        }
        else
        {
            Assert.ThrowsAny<CryptographicException>(
                () => key.Decrypt(Hex(test, "iv"), Hex(test, "aad"), sealedBytes, opened));
        }
    }

    private static SegmentKey Key(SegmentKeyLimits limits) =>
        new("seg_1", RandomNumberGenerator.GetBytes(32), s_now, limits);

    private static ISealingKey Rent(SegmentKey key)
    {
        var rented = key.TryRent(s_now);
        Assert.NotNull(rented);
        return rented;
    }

    private static (byte[] Nonce, byte[] Sealed) Seal(SegmentKey key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain)
    {
        var nonce = new byte[12];
        var sealedBytes = new byte[plain.Length + 16];
        Rent(key).Seal(aad, plain, nonce, sealedBytes);
        return (nonce, sealedBytes);
    }

    private static byte[] Hex(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString() ?? string.Empty);
}

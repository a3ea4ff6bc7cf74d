using System.Security.Cryptography;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>AES-256-GCM through libsodium, and through the runtime where that is asked for or all there is.</summary>
public sealed class GcmCipherTests
{
    private static readonly byte[] s_nonce = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void These_tests_meet_both() =>
        Assert.True(SodiumGcm.IsThere, "libsodium with AES instructions is on every machine that these tests run on.");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_seals_what_the_runtime_opens_and_opens_what_the_runtime_seals(bool isOnPlatform)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var cipher = new GcmCipher(key, isOnPlatform);
        using var runtime = new AesGcm(key, 16);
        foreach (var length in Enumerable.Range(0, 300).Concat([1_024, 2_047, 2_048, 2_049, 4_000, 70_000, 1 << 20]))
        {
            var (plain, aad) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length / 2));
            var (ours, theirs, opened) = (new byte[length + 16], new byte[length + 16], new byte[length]);

            cipher.Encrypt(s_nonce, aad, plain, ours);
            runtime.Encrypt(s_nonce, plain, theirs.AsSpan(0, length), theirs.AsSpan(length), aad);
            cipher.Decrypt(s_nonce, aad, theirs, opened);

            Assert.Equal(theirs, ours);
            Assert.Equal(plain, opened);
        }
    }

    [Theory]
    [InlineData(false, 100)]
    [InlineData(false, 5_000)]
    [InlineData(true, 100)]
    public void What_does_not_open_leaves_no_plain_text(bool isOnPlatform, int length)
    {
        using var cipher = new GcmCipher(RandomNumberGenerator.GetBytes(32), isOnPlatform);
        var sealedBytes = new byte[length + 16];
        cipher.Encrypt(s_nonce, [], Enumerable.Repeat((byte)'x', length).ToArray(), sealedBytes);
        sealedBytes[^1] ^= 1;
        var opened = Enumerable.Repeat((byte)'y', length).ToArray();

        Assert.Throws<AuthenticationTagMismatchException>(() => cipher.Decrypt(s_nonce, [], sealedBytes, opened));

        Assert.All(opened, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_becomes_of_the_callers_key_changes_nothing(bool isOnPlatform)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var runtime = new AesGcm(key, 16);
        using var cipher = new GcmCipher(key, isOnPlatform);
        key.AsSpan().Clear();
        var (sealedBytes, opened) = (new byte[5 + 16], new byte[5]);

        cipher.Encrypt(s_nonce, [], "hello"u8, sealedBytes);

        runtime.Decrypt(s_nonce, sealedBytes.AsSpan(0, 5), sealedBytes.AsSpan(5), opened, []);
        Assert.Equal("hello"u8.ToArray(), opened);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_threads_share_one(bool isOnPlatform)
    {
        using var cipher = new GcmCipher(RandomNumberGenerator.GetBytes(32), isOnPlatform);

        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            Enumerable.Range(0, 5_000).Count(i =>
            {
                var plain = BitConverter.GetBytes((thread * 100_000L) + i);
                var (nonce, text, back) = (new byte[12], new byte[8 + 16], new byte[8]);
                plain.CopyTo(nonce, 0);
                cipher.Encrypt(nonce, plain, plain, text);
                cipher.Decrypt(nonce, plain, text, back);
                return plain.AsSpan().SequenceEqual(back);
            }))));

        Assert.Equal(40_000, opened.Sum());
    }

    /// <summary>Under a key that is being cleared, a sealing would be under zeros, or in memory of somebody
    /// else.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_cleared_while_threads_seal_never_seals_under_anything_else(bool isOnPlatform)
    {
        for (var round = 0; round < 50; round++)
        {
            var key = RandomNumberGenerator.GetBytes(32);
            using var runtime = new AesGcm(key, 16);
            var cipher = new GcmCipher(key, isOnPlatform);
            using var begun = new CountdownEvent(3);
            var sealing = Enumerable.Range(0, 3).Select(_ => Task.Run(() => SealUntilCleared(cipher, begun))).ToList();
            begun.Wait(TestContext.Current.CancellationToken);

            cipher.Dispose();

            foreach (var last in await Task.WhenAll(sealing))
            {
                runtime.Decrypt(s_nonce, last.AsSpan(0, 100), last.AsSpan(100), new byte[100], []);
            }

            Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt(s_nonce, [], [], new byte[16]));
            Assert.Throws<ObjectDisposedException>(() => cipher.Decrypt(s_nonce, [], new byte[16], []));
        }
    }

    [Theory]
    [InlineData(11, 16)]
    [InlineData(12, 15)]
    [InlineData(12, 17)]
    public void Lengths_that_do_not_fit_are_refused(int nonce, int sealedLength)
    {
        using var cipher = new GcmCipher(new byte[32]);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => cipher.Encrypt(new byte[nonce], [], [], new byte[sealedLength]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => cipher.Decrypt(new byte[nonce], [], new byte[sealedLength], []));
    }

    /// <summary>The last ciphertext that was made before the key was refused.</summary>
    private static byte[] SealUntilCleared(GcmCipher cipher, CountdownEvent begun)
    {
        byte[] plain = new byte[100], last = new byte[116], next = new byte[116];
        cipher.Encrypt(s_nonce, [], plain, last);
        begun.Signal();
        while (true)
        {
            try
            {
                cipher.Encrypt(s_nonce, [], plain, next);
                (last, next) = (next, last);
            }
            catch (ObjectDisposedException)
            {
                return last;
            }
        }
    }
}

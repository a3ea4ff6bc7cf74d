using System.Security.Cryptography;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class GcmCipherTests
{
    private static readonly byte[] s_nonce = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void It_seals_what_the_runtime_opens_and_opens_what_the_runtime_seals()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var cipher = new GcmCipher(key, isToSeal: true);
        using var runtime = new AesGcm(key, 16);
        for (var length = 0; length < 300; length++)
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

    [Fact]
    public void What_does_not_open_leaves_no_plain_text()
    {
        using var cipher = new GcmCipher(RandomNumberGenerator.GetBytes(32), isToSeal: true);
        var sealedBytes = new byte[100 + 16];
        cipher.Encrypt(s_nonce, [], Enumerable.Repeat((byte)'x', 100).ToArray(), sealedBytes);
        sealedBytes[^1] ^= 1;
        var opened = Enumerable.Repeat((byte)'y', 100).ToArray();

        Assert.Throws<AuthenticationTagMismatchException>(() => cipher.Decrypt(s_nonce, [], sealedBytes, opened));

        Assert.All(opened, value => Assert.Equal(0, value));
    }

    [Fact]
    public void After_its_key_was_cleared_it_never_seals_under_zeros_and_does_not_begin_to_open()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var before = new AesGcm(key, 16);
        using var cipher = new GcmCipher(key, isToSeal: true);
        key.AsSpan().Clear();
        var sealedBytes = new byte[5 + 16];

        cipher.Encrypt(s_nonce, [], "hello"u8, sealedBytes);

        var opened = new byte[5];
        before.Decrypt(s_nonce, sealedBytes.AsSpan(0, 5), sealedBytes.AsSpan(5), opened, []);
        Assert.Equal("hello"u8.ToArray(), opened);
        Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt(s_nonce, [], sealedBytes, new byte[5]));
    }

    [Fact]
    public void One_that_was_made_to_open_does_not_seal()
    {
        Assert.True(GcmCipher.IsNative, "libcrypto 3 is part of every machine that these tests run on.");
        using var cipher = new GcmCipher(new byte[32], isToSeal: false);

        Assert.Throws<InvalidOperationException>(() => cipher.Encrypt(s_nonce, [], [], new byte[16]));
    }

    [Theory]
    [InlineData(11, 16)]
    [InlineData(12, 15)]
    [InlineData(12, 17)]
    public void Lengths_that_do_not_fit_are_refused(int nonce, int sealedLength)
    {
        using var cipher = new GcmCipher(new byte[32], isToSeal: true);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => cipher.Encrypt(new byte[nonce], [], [], new byte[sealedLength]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => cipher.Decrypt(new byte[nonce], [], new byte[sealedLength], []));
    }
}

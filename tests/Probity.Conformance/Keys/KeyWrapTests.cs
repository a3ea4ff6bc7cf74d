using System.Security.Cryptography;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class KeyWrapTests
{
    private const string Id = "seg_01938a5c-7d00-7000-8000-000000000001";

    // Computed once with Python's cryptography (AESGCM), an independent implementation; frozen.
    private const string Frozen =
        "6465666768696a6b6c6d6e6fb7e5239a8213af66c994aa1c29979b0dad2cebe660861a9a403749ac184144a88efae88d9dbfcba11b50f90c388ecba2";

    private static readonly byte[] s_wrapping = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];
    private static readonly byte[] s_nonce = [.. Enumerable.Range(0, 12).Select(i => (byte)(100 + i))];

    [Fact]
    public void The_wrapped_form_is_frozen()
    {
        var wrapped = KeyWrap.Wrap(s_wrapping, s_key, Id, "segment", "key_1", s_nonce);

        Assert.Equal(Frozen, Convert.ToHexStringLower(wrapped));
    }

    [Fact]
    public void Frozen_bytes_open()
    {
        Assert.Equal(s_key, KeyWrap.Unwrap(s_wrapping, Convert.FromHexString(Frozen), Id, "segment", "key_1"));
    }

    [Theory]
    [InlineData("seg_01938a5c-7d00-7000-8000-000000000002", "segment", "key_1")]
    [InlineData(Id, "log_signing", "key_1")]
    [InlineData(Id, "segment", "key_2")]
    public void A_wrapped_key_does_not_open_in_another_row(string id, string kind, string by)
    {
        Assert.ThrowsAny<CryptographicException>(
            () => KeyWrap.Unwrap(s_wrapping, Convert.FromHexString(Frozen), id, kind, by));
    }

    [Fact]
    public void A_wrapped_key_does_not_open_when_any_bit_is_changed()
    {
        var wrapped = Convert.FromHexString(Frozen);
        for (var bit = 0; bit < wrapped.Length * 8; bit++)
        {
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<CryptographicException>(
                () => KeyWrap.Unwrap(s_wrapping, wrapped, Id, "segment", "key_1"));
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_wrapped_key_does_not_open_cut_short_or_under_another_key()
    {
        var wrapped = Convert.FromHexString(Frozen);

        for (var length = 0; length < wrapped.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(
                () => KeyWrap.Unwrap(s_wrapping, wrapped.AsSpan(..length), Id, "segment", "key_1"));
        }

        Assert.ThrowsAny<CryptographicException>(
            () => KeyWrap.Unwrap(RandomNumberGenerator.GetBytes(32), wrapped, Id, "segment", "key_1"));
    }
}

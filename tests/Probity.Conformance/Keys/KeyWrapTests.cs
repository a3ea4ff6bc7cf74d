using System.Security.Cryptography;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class KeyWrapTests
{
    private const string Id = "seg_01938a5c-7d00-7000-8000-000000000001";

    // Computed once with Python's cryptography (AESGCM), an independent implementation; frozen.
    private const string Frozen =
        "016465666768696a6b6c6d6e6fb7e5239a8213af66c994aa1c29979b0dad2cebe660861a9a403749ac184144a8a987b079126e25edfcbc135508b7e619";

    private static readonly byte[] s_wrapping = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];
    private static readonly byte[] s_nonce = [.. Enumerable.Range(0, 12).Select(i => (byte)(100 + i))];

    [Fact]
    public void The_wrapped_form_is_frozen()
    {
        var wrapped = KeyWrap.Wrap(s_wrapping, Id, "segment", s_key, s_nonce);

        Assert.Equal(Frozen, Convert.ToHexStringLower(wrapped));
    }

    [Fact]
    public void Frozen_bytes_open()
    {
        var key = new byte[32];

        Assert.True(KeyWrap.TryUnwrap(s_wrapping, Id, "segment", Convert.FromHexString(Frozen), key));
        Assert.Equal(s_key, key);
    }

    [Theory]
    [InlineData("seg_01938a5c-7d00-7000-8000-000000000002", "segment")]
    [InlineData(Id, "log_signing")]
    public void A_wrapped_key_does_not_open_in_another_row(string id, string kind)
    {
        Assert.False(KeyWrap.TryUnwrap(s_wrapping, id, kind, Convert.FromHexString(Frozen), new byte[32]));
    }

    [Fact]
    public void A_wrapped_key_does_not_open_when_any_bit_is_changed()
    {
        var wrapped = Convert.FromHexString(Frozen);
        for (var bit = 0; bit < wrapped.Length * 8; bit++)
        {
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(KeyWrap.TryUnwrap(s_wrapping, Id, "segment", wrapped, new byte[32]));
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_wrapped_key_does_not_open_at_another_length_or_under_another_key()
    {
        var wrapped = Convert.FromHexString(Frozen);

        Assert.False(KeyWrap.TryUnwrap(s_wrapping, Id, "segment", wrapped.AsSpan(..^1), new byte[32]));
        Assert.False(KeyWrap.TryUnwrap(s_wrapping, Id, "segment", [], new byte[32]));
        Assert.False(KeyWrap.TryUnwrap(RandomNumberGenerator.GetBytes(32), Id, "segment", wrapped, new byte[32]));
    }

    [Fact]
    public void Secret_bytes_are_zero_once_disposed()
    {
        var secret = SecretBytes.Random(32);
        var span = secret.Span; // the array is pinned and referenced by the span
        Assert.NotEqual(new byte[32], span.ToArray());

        secret.Dispose();

        Assert.Equal(new byte[32], span.ToArray());
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
    }
}

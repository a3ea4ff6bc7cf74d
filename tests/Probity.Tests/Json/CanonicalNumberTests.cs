using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

/// <summary>ES6 number formatting, RFC 8785 §3.2.2.3.</summary>
public sealed class CanonicalNumberTests
{
    /// <summary>
    /// The hand-picked part of the number series of the RFC's author. Source: cyberphone/json-canonicalization,
    /// testdata/README.md, "ES6 Numbers" (Apache-2.0). These 50 come in both signs.
    /// </summary>
    private static readonly ulong[] SignedMagnitudes =
    [
        0x446696695dbd1cc3, 0x443211ede4974a35, 0x43fce97ca0f21056, 0x43c7213080c1a6ac, 0x439280f39a348556,
        0x435d9b1f5d20d557, 0x4327af4c4a80aaac, 0x42f2f2a36ecd5556, 0x42be51057e155558, 0x428840d131aaaaac,
        0x4253670dc1555557, 0x421f0b4935555557, 0x41e8d5d42aaaaaac, 0x41b3de4355555556, 0x417fca0555555556,
        0x41496e6aaaaaaaab, 0x4114585555555555, 0x40e046aaaaaaaaab, 0x40aa0aaaaaaaaaaa, 0x4074d55555555555,
        0x4040aaaaaaaaaaab, 0x400aaaaaaaaaaaab, 0x3fd5555555555555, 0x3fa1111111111111, 0x3f6b4e81b4e81b4f,
        0x3f35d867c3ece2a5, 0x3f0179ec9cbd821e, 0x3ecbf647612f3696, 0x3e965e9f80f29212, 0x3e61e54c672874db,
        0x3e2ca213d840baf8, 0x3df6e80fe033c8c6, 0x3dc2533fe68fd3d2, 0x3d8d51ffd74c861c, 0x3d5774ccac3d3817,
        0x3d22c3d6f030f9ac, 0x3cee0624b3818f79, 0x3cb804ea293472c7, 0x3c833721ba905bd3, 0x3c4ebe9c5db3c61e,
        0x3c18987d17c304e5, 0x3be3ad30dfcf371d, 0x3baf7b816618582f, 0x3b792f9ab81379bf, 0x3b442615600f9499,
        0x3b101e77800c76e1, 0x3ad9ca58cce0be35, 0x3aa4a1e0a3e6fe90, 0x3a708180831f320d, 0x3a3a68cd9e985016,
    ];

    private static readonly ulong[] Edges =
    [
        0x4024000000000000, 0x4014000000000000, 0x3fe0000000000000, 0x3fa999999999999a, 0x3f747ae147ae147b,
        0x3f40624dd2f1a9fc, 0x3f0a36e2eb1c432d, 0x3ed4f8b588e368f1, 0x3ea0c6f7a0b5ed8d, 0x3e6ad7f29abcaf48,
        0x3e35798ee2308c3a, 0x3ed539223589fa95, 0x3ed4ff26cd5a7781, 0x3ed4f95a762283ff, 0x3ed4f8c60703520c,
        0x3ed4f8b72f19cd0d, 0x3ed4f8b5b31c0c8d, 0x3ed4f8b58d1c461a, 0x3ed4f8b5894f7f0e, 0x3ed4f8b588ee37f3,
        0x3ed4f8b588e47da4, 0x3ed4f8b588e3849c, 0x3ed4f8b588e36bb5, 0x3ed4f8b588e36937, 0x3ed4f8b588e368f8,
        0x3ed4f8b588e368f1, 0x3ff0000000000000, 0xbff0000000000000, 0xbfeffffffffffffa, 0xbfeffffffffffffb,
        0x3feffffffffffffa, 0x3feffffffffffffb, 0x3feffffffffffffc, 0x3feffffffffffffe, 0xbfefffffffffffff,
        0xbfefffffffffffff, 0x3fefffffffffffff, 0x3fefffffffffffff, 0x3fd3333333333332, 0x3fd3333333333333,
        0x3fd3333333333334, 0x0010000000000000, 0x000ffffffffffffd, 0x000fffffffffffff, 0x7fefffffffffffff,
        0xffefffffffffffff, 0x4340000000000000, 0xc340000000000000, 0x4430000000000000, 0x44b52d02c7e14af5,
        0x44b52d02c7e14af6, 0x44b52d02c7e14af7, 0x444b1ae4d6e2ef4e, 0x444b1ae4d6e2ef4f, 0x444b1ae4d6e2ef50,
        0x3eb0c6f7a0b5ed8c, 0x3eb0c6f7a0b5ed8d, 0x41b3de4355555553, 0x41b3de4355555554, 0x41b3de4355555555,
        0x41b3de4355555556, 0x41b3de4355555557, 0xbecbf647612f3696, 0x43143ff3c1cb0959,
    ];

    /// <summary>RFC 8785 appendix B, in full but for NaN and Infinity, which are refused below.</summary>
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Appendix_B_prints_as_the_table_says(ulong bits, string expected)
        => Assert.Equal(expected, Print(BitConverter.UInt64BitsToDouble(bits)));

    [Theory]
    [InlineData(0x7fffffffffffffff)]
    [InlineData(0x7ff0000000000000)]
    [InlineData(0xfff0000000000000)]
    public void Numbers_that_are_not_finite_are_refused(ulong bits)
        => Assert.Throws<ArgumentOutOfRangeException>(() => Print(BitConverter.UInt64BitsToDouble(bits)));

    /// <summary>The published sums over the file es6testfile100m.txt, by number of lines.</summary>
    [Theory]
    [InlineData(1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687")]
    [InlineData(10_000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892")]
    [InlineData(100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7")]
    public void The_number_series_has_its_published_hash(int lines, string expected)
        => Assert.Equal(expected, HashOfSeries(lines, Print));

    [Fact]
    public void The_hash_of_the_number_series_notices_one_wrong_digit()
    {
        var hash = HashOfSeries(1_000, value => value == 0.3 ? "0.30" : Print(value));

        Assert.NotEqual("be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687", hash);
    }

    [Fact]
    public void Every_number_of_the_series_is_canonical_as_printed()
    {
        foreach (var value in Series().Take(5_000))
        {
            var printed = Encoding.ASCII.GetBytes(Print(value));

            Assert.True(CanonicalJson.IsCanonical(printed), Print(value));
            var longest = Encoding.ASCII.GetBytes(value.ToString("E17", CultureInfo.InvariantCulture));
            Assert.Equal(printed, CanonicalJson.Canonicalize(longest));
        }
    }

    private static string HashOfSeries(int lines, Func<double, string> print)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in Series().Take(lines))
        {
            var bits = BitConverter.DoubleToUInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);
            hash.AppendData(Encoding.ASCII.GetBytes($"{bits},{print(value)}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Hand-picked values, 2,000 in a row from the smallest normal, then what a chain of SHA-256 gives.
    /// </summary>
    private static IEnumerable<double> Series()
    {
        const ulong sign = 1UL << 63;
        ulong[] picked =
        [
            0, sign, 1, sign | 1, .. SignedMagnitudes.Select(m => m | sign), .. SignedMagnitudes, .. Edges,
        ];
        var row = Enumerable.Range(0, 2_000).Select(i => 0x0010000000000000UL + (ulong)i);
        foreach (var bits in picked.Concat(row))
        {
            yield return BitConverter.UInt64BitsToDouble(bits);
        }

        var block = new byte[SHA256.HashSizeInBytes];
        while (true)
        {
            block = SHA256.HashData(block);
            for (var at = 0; at < block.Length; at += sizeof(double))
            {
                var value = BinaryPrimitives.ReadDoubleLittleEndian(block.AsSpan(at));
                if (value != 0 && double.IsFinite(value))
                {
                    yield return value;
                }
            }
        }
    }

    private static string Print(double value)
    {
        var to = new ArrayBufferWriter<byte>(32);
        CanonicalJson.WriteNumber(to, value);
        return Encoding.ASCII.GetString(to.WrittenSpan);
    }
}

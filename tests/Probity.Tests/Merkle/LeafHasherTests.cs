using System.Security.Cryptography;
using Probity.Ledger.Merkle;
using Xunit;

namespace Probity.Tests.Merkle;

public sealed class LeafHasherTests(ITestOutputHelper output)
{
    private static readonly byte[] s_bytes = RandomNumberGenerator.GetBytes(70_000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Entries_of_every_length_have_the_leaf_hash_of_rfc_6962(bool isLaned)
    {
        // In the order of their length sixteen neighbours of each kind meet, and every padding occurs.
        var lengths = Enumerable.Range(0, LeafHasher.MostBytes + 70).Append(65_535).ToArray();

        Check(lengths, isLaned && Sha256Lanes.IsSupported);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(500)]
    public void So_have_entries_of_mixed_lengths_and_any_number(int count) =>
        Check(
            [.. Enumerable.Range(0, count).Select(i => ((i * 7_919) + (count * 31)) % 1_500)], Sha256Lanes.IsSupported);

    [Fact]
    public void It_says_whether_sixteen_are_hashed_together_here() =>
        output.WriteLine($"sixteen lanes: {Sha256Lanes.IsSupported}");

    private static void Check(int[] lengths, bool isLaned)
    {
        using var hasher = new LeafHasher(isLaned);
        var digests = new Digest[lengths.Length];
        for (var round = 0; round < 2; round++)
        {
            Array.Clear(digests); // The second round finds the buffers used.
            for (var i = 0; i < lengths.Length; i++)
            {
                hasher.Add(Entry(i, lengths[i]), i, digests);
            }

            hasher.Finish(digests);
            for (var i = 0; i < lengths.Length; i++)
            {
                Assert.Equal(SHA256.HashData([0, .. Entry(i, lengths[i])]), digests[i].ToArray());
            }
        }
    }

    private static ReadOnlySpan<byte> Entry(int index, int length) => s_bytes.AsSpan(index % 4_000, length);
}

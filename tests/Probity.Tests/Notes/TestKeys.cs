using Probity.Ledger.Notes;

namespace Probity.Tests.Notes;

/// <summary>Keys from seeds that anyone can write down: 32 times one byte.</summary>
internal static class TestKeys
{
    public static NoteSigner Log { get; } = NoteSigner.FromSeed("log.example/test", Seed(1));

    public static NoteSigner Other { get; } = NoteSigner.FromSeed("other.example/test", Seed(2));

    public static Cosigner Witness { get; } = Cosigner.FromSeed("witness.example/w1", Seed(3));

    public static byte[] Seed(byte value) => [.. Enumerable.Repeat(value, 32)];
}

using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>Random nonces, fetched from the system's generator in bulk: one call for many instead of one each.</summary>
internal static class Nonces
{
    private const int Buffered = 128;

    [ThreadStatic]
    private static byte[]? t_buffer;

    [ThreadStatic]
    private static int t_used;

    public static void Next(Span<byte> nonce)
    {
        if (t_buffer is null || t_used == Buffered)
        {
            RandomNumberGenerator.Fill(t_buffer ??= new byte[Buffered * IFieldCipher.NonceBytes]);
            t_used = 0;
        }

        t_buffer.AsSpan(t_used++ * IFieldCipher.NonceBytes, IFieldCipher.NonceBytes).CopyTo(nonce);
    }
}

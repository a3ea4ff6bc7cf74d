using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Probity.Ledger.Merkle;

/// <summary>
/// SHA-256 for many small inputs. The runtime's own call costs about 450 ns before it hashes the first byte (OpenSSL 3
/// EVP set-up), five times the work of an interior node, so libcrypto's low-level functions are used where they are
/// found and agree with the runtime on a known input. They do not go through a FIPS provider: set
/// PROBITY_PLATFORM_SHA256=1 to stay with the runtime's. Decision record 0004.
/// </summary>
internal static unsafe partial class Sha256
{
    // SHA256_CTX is 112 bytes in every OpenSSL 1.x and 3.x; twice that is a margin, not a need.
    private const int ContextBytes = 224;

    // Below this the call is over in about a microsecond, and need not let the collector in.
    private const int BriefBytes = 2_048;

    private const int BlockBytes = 64;

    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, int> s_init;
    private static readonly delegate* unmanaged<byte*, byte*, nuint, int> s_update;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int> s_updateBriefly;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int> s_final;

    static Sha256()
    {
        if (Environment.GetEnvironmentVariable("PROBITY_PLATFORM_SHA256") == "1" || !TryLoad(out var library)
            || !NativeLibrary.TryGetExport(library, "SHA256_Init", out var init)
            || !NativeLibrary.TryGetExport(library, "SHA256_Update", out var update)
            || !NativeLibrary.TryGetExport(library, "SHA256_Final", out var final))
        {
            return;
        }

        s_init = (delegate* unmanaged[SuppressGCTransition]<byte*, int>)init;
        s_update = (delegate* unmanaged<byte*, byte*, nuint, int>)update;
        s_updateBriefly = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int>)update;
        s_final = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int>)final;
        IsNative = true;
        IsNative = AgreesWithPlatform();
    }

    /// <summary>Whether hashes come from libcrypto's low-level functions rather than the runtime.</summary>
    public static bool IsNative { get; private set; }

    public static Digest Hash(ReadOnlySpan<byte> data) => IsNative ? Native(-1, data) : Platform(-1, data);

    public static Digest Hash(byte prefix, ReadOnlySpan<byte> data) =>
        IsNative ? Native(prefix, data) : Platform(prefix, data);

    private static Digest Native(int prefix, ReadOnlySpan<byte> data) =>
        data.Length <= BriefBytes ? Brief(prefix, data) : Long(prefix, data);

    /// <summary>
    /// Pads the message here (FIPS 180-4 §5.1.1), so that one call hashes all its blocks. Then the state, with which
    /// SHA256_CTX begins, is the digest.
    /// </summary>
    [SkipLocalsInit]
    private static Digest Brief(int prefix, ReadOnlySpan<byte> data)
    {
        var context = stackalloc byte[ContextBytes];
        var message = stackalloc byte[BriefBytes + (2 * BlockBytes)];
        var length = 0;
        if (prefix >= 0)
        {
            message[length++] = (byte)prefix;
        }

        data.CopyTo(new Span<byte>(message + length, BriefBytes));
        length += data.Length;
        var padded = (length + 1 + sizeof(ulong) + BlockBytes - 1) / BlockBytes * BlockBytes;
        var padding = new Span<byte>(message + length, padded - length);
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padding[^sizeof(ulong)..], (ulong)length * 8);
        s_init(context);
        s_updateBriefly(context, message, (nuint)padded);
        Unsafe.SkipInit(out Digest digest);
        const int Words = Digest.Length / sizeof(uint);
        BinaryPrimitives.ReverseEndianness(new ReadOnlySpan<uint>(context, Words), new Span<uint>(&digest, Words));
        return digest;
    }

    [SkipLocalsInit]
    private static Digest Long(int prefix, ReadOnlySpan<byte> data)
    {
        Unsafe.SkipInit(out Digest digest);
        var context = stackalloc byte[ContextBytes];
        s_init(context);
        if (prefix >= 0)
        {
            var first = (byte)prefix;
            s_updateBriefly(context, &first, 1);
        }

        fixed (byte* bytes = data)
        {
            s_update(context, bytes, (nuint)data.Length);
        }

        s_final((byte*)&digest, context);
        return digest;
    }

    private static Digest Platform(int prefix, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Digest.Length];
        if (prefix < 0)
        {
            SHA256.HashData(data, hash);
            return Digest.From(hash);
        }

        using var incremental = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        incremental.AppendData([(byte)prefix]);
        incremental.AppendData(data);
        incremental.GetHashAndReset(hash);
        return Digest.From(hash);
    }

    private static bool AgreesWithPlatform()
    {
        Span<byte> probe = stackalloc byte[BriefBytes + 1];
        for (var i = 0; i < probe.Length; i++)
        {
            probe[i] = (byte)((i * 7) & byte.MaxValue);
        }

        return Native(-1, probe) == Platform(-1, probe) && Native(-1, probe[..200]) == Platform(-1, probe[..200])
            && Native(1, probe[..64]) == Platform(1, probe[..64]);
    }

    private static bool TryLoad(out nint library)
    {
        library = 0;
        return OperatingSystem.IsLinux()
            && (NativeLibrary.TryLoad("libcrypto.so.3", Assembly.GetExecutingAssembly(), null, out library)
                || NativeLibrary.TryLoad("libcrypto.so.1.1", Assembly.GetExecutingAssembly(), null, out library));
    }
}

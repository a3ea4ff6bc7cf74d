using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Probity.Server.Keys;

/// <summary>
/// AES-256-GCM of the libsodium that NSec brings, under one key expanded once into memory that is cleared before it is
/// given back. One call takes 0.1 to 0.2 µs for what a member of an event holds. It does not go through a FIPS
/// provider: PROBITY_PLATFORM_AES=1 switches it off. Decision record 0081. Thread safe.
/// </summary>
internal sealed unsafe class SodiumGcm : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Up to so many bytes take less than a microsecond, and need not let the collector in.</summary>
    private const int BriefBytes = 2_048;

    private const int Alignment = 64;
    private const int KeyBytes = 32;

    private static readonly nuint s_stateBytes;

    // crypto_aead_aes256gcm_beforenm, encrypt_detached_afternm and decrypt_detached_afternm, in the order of their
    // arguments: out, tag, its length, in, length, associated data, length, (nothing), nonce, state.
    private static readonly delegate* unmanaged<nint, byte*, int> s_expand;
    private static readonly delegate* unmanaged<
        byte*, byte*, ulong*, byte*, ulong, byte*, ulong, byte*, byte*, nint, int> s_seal;
    private static readonly delegate* unmanaged[SuppressGCTransition]<
        byte*, byte*, ulong*, byte*, ulong, byte*, ulong, byte*, byte*, nint, int> s_sealBriefly;
    private static readonly delegate* unmanaged<
        byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, nint, int> s_open;
    private static readonly delegate* unmanaged[SuppressGCTransition]<
        byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, nint, int> s_openBriefly;

    static SodiumGcm()
    {
        if (Environment.GetEnvironmentVariable("PROBITY_PLATFORM_AES") == "1" || !TryLoad(out var library)
            || !NativeLibrary.TryGetExport(library, "crypto_aead_aes256gcm_statebytes", out var stateBytes)
            || !NativeLibrary.TryGetExport(library, "crypto_aead_aes256gcm_beforenm", out var expand)
            || !NativeLibrary.TryGetExport(library, "crypto_aead_aes256gcm_encrypt_detached_afternm", out var seal)
            || !NativeLibrary.TryGetExport(library, "crypto_aead_aes256gcm_decrypt_detached_afternm", out var open))
        {
            return;
        }

        s_stateBytes = ((delegate* unmanaged<nuint>)stateBytes)();
        s_expand = (delegate* unmanaged<nint, byte*, int>)expand;
        s_seal = (delegate* unmanaged<
            byte*, byte*, ulong*, byte*, ulong, byte*, ulong, byte*, byte*, nint, int>)seal;
        s_sealBriefly = (delegate* unmanaged[SuppressGCTransition]<
            byte*, byte*, ulong*, byte*, ulong, byte*, ulong, byte*, byte*, nint, int>)seal;
        s_open = (delegate* unmanaged<byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, nint, int>)open;
        s_openBriefly = (delegate* unmanaged[SuppressGCTransition]<
            byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, nint, int>)open;
        IsThere = AgreesWithPlatform();
    }

    /// <param name="key">32 bytes.</param>
    public SodiumGcm(ReadOnlySpan<byte> key)
        : base(ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AlignedAlloc(s_stateBytes, Alignment));
        fixed (byte* keyAt = key)
        {
            s_expand(handle, keyAt);
        }
    }

    /// <summary>Whether the library is there, has the processor's AES instructions, and agrees with the
    /// runtime.</summary>
    public static bool IsThere { get; }

    /// <summary>As <see cref="GcmCipher.Encrypt"/>, which has checked the lengths.</summary>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> ciphertextAndTag)
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld); // Nobody clears the key meanwhile.
            var isBrief = plain.Length + aad.Length <= BriefBytes;
            fixed (byte* to = ciphertextAndTag, from = plain, aadAt = aad, nonceAt = nonce)
            {
                var tag = to + plain.Length;
                var (length, aadLength) = ((ulong)plain.Length, (ulong)aad.Length);
                _ = isBrief
                    ? s_sealBriefly(to, tag, null, from, length, aadAt, aadLength, null, nonceAt, handle)
                    : s_seal(to, tag, null, from, length, aadAt, aadLength, null, nonceAt, handle);
            }
        }
        finally
        {
            Release(isHeld);
        }
    }

    /// <summary>As <see cref="GcmCipher.Decrypt"/>, which has checked the lengths.</summary>
    public void Decrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld); // Nobody clears the key meanwhile.
            var isBrief = plain.Length + aad.Length <= BriefBytes;
            fixed (byte* to = plain, from = ciphertextAndTag, aadAt = aad, nonceAt = nonce)
            {
                var tag = from + plain.Length;
                var (length, aadLength) = ((ulong)plain.Length, (ulong)aad.Length);
                var result = isBrief
                    ? s_openBriefly(to, null, from, length, tag, aadAt, aadLength, nonceAt, handle)
                    : s_open(to, null, from, length, tag, aadAt, aadLength, nonceAt, handle);
                if (result != 0)
                {
                    CryptographicOperations.ZeroMemory(plain);
                    throw new AuthenticationTagMismatchException();
                }
            }
        }
        finally
        {
            Release(isHeld);
        }
    }

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)handle, (int)s_stateBytes));
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    private void Release(bool isHeld)
    {
        if (isHeld)
        {
            DangerousRelease();
        }
    }

    private static bool TryLoad(out nint library) =>
        NativeLibrary.TryLoad("libsodium", Assembly.GetExecutingAssembly(), null, out library)
        && NativeLibrary.TryGetExport(library, "sodium_init", out var init)
        && ((delegate* unmanaged<int>)init)() >= 0 // It looks what the processor can do; a second time does nothing.
        && NativeLibrary.TryGetExport(library, "crypto_aead_aes256gcm_is_available", out var isAvailable)
        && ((delegate* unmanaged<int>)isAvailable)() == 1;

    private static bool AgreesWithPlatform()
    {
        Span<byte> probe = stackalloc byte[300];
        for (var i = 0; i < probe.Length; i++)
        {
            probe[i] = (byte)((i * 7) & byte.MaxValue);
        }

        var nonce = probe.Slice(KeyBytes, IFieldCipher.NonceBytes);
        var aad = probe[44..132];
        var plain = probe[132..];
        using var ours = new SodiumGcm(probe[..KeyBytes]);
        using var theirs = new AesGcm(probe[..KeyBytes], IFieldCipher.TagBytes);
        var opened = new byte[plain.Length];
        var found = new byte[plain.Length + IFieldCipher.TagBytes];
        var expected = new byte[found.Length];
        ours.Encrypt(nonce, aad, plain, found);
        theirs.Encrypt(nonce, plain, expected.AsSpan(0, plain.Length), expected.AsSpan(plain.Length), aad);
        ours.Decrypt(nonce, aad, expected, opened);
        return found.AsSpan().SequenceEqual(expected) && plain.SequenceEqual(opened);
    }
}

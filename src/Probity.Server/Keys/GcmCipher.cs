using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Probity.Server.Keys;

/// <summary>
/// AES-256-GCM under one key. Sealing goes straight to libcrypto's EVP functions where they are found and agree with
/// the runtime on a known input: the runtime's own call takes three times as long for what a member of an event
/// holds. Both go through the same provider. Decision record 0031. Not thread safe.
/// </summary>
internal sealed unsafe class GcmCipher : IDisposable
{
    private const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG

    private static readonly delegate* unmanaged<nint> s_newContext;
    private static readonly delegate* unmanaged<nint, void> s_freeContext;
    private static readonly delegate* unmanaged<nint> s_aes256Gcm;
    private static readonly delegate* unmanaged<nint, nint, nint, byte*, byte*, int> s_init;
    private static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> s_update;
    private static readonly delegate* unmanaged<nint, byte*, int*, int> s_final;
    private static readonly delegate* unmanaged<nint, int, int, void*, int> s_control;

    private readonly byte[] _key;
    private readonly Context? _context;
    private AesGcm? _platform;

    static GcmCipher()
    {
        if (!OperatingSystem.IsLinux()
            || !NativeLibrary.TryLoad("libcrypto.so.3", Assembly.GetExecutingAssembly(), null, out var library)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_new", out var newContext)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_free", out var freeContext)
            || !NativeLibrary.TryGetExport(library, "EVP_aes_256_gcm", out var aes256Gcm)
            || !NativeLibrary.TryGetExport(library, "EVP_EncryptInit_ex", out var init)
            || !NativeLibrary.TryGetExport(library, "EVP_EncryptUpdate", out var update)
            || !NativeLibrary.TryGetExport(library, "EVP_EncryptFinal_ex", out var final)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_ctrl", out var control))
        {
            return;
        }

        s_newContext = (delegate* unmanaged<nint>)newContext;
        s_freeContext = (delegate* unmanaged<nint, void>)freeContext;
        s_aes256Gcm = (delegate* unmanaged<nint>)aes256Gcm;
        s_init = (delegate* unmanaged<nint, nint, nint, byte*, byte*, int>)init;
        s_update = (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)update;
        s_final = (delegate* unmanaged<nint, byte*, int*, int>)final;
        s_control = (delegate* unmanaged<nint, int, int, void*, int>)control;
        IsNative = true;
        IsNative = AgreesWithPlatform();
    }

    /// <param name="key">32 bytes, the caller's; once they are cleared, nothing opens any more.</param>
    public GcmCipher(byte[] key)
    {
        _key = key;
        _context = IsNative ? Context.Create(key) : null;
    }

    /// <summary>Whether sealing goes straight to libcrypto.</summary>
    public static bool IsNative { get; private set; }

    /// <summary>Made when it is first used: a key that only seals needs one cipher, not two.</summary>
    private AesGcm Platform => _platform ??= new AesGcm(_key, IFieldCipher.TagBytes);

    /// <summary>Encrypts; the tag follows the ciphertext.</summary>
    /// <exception cref="CryptographicException">libcrypto refused; nothing that was written may be used.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> ciphertextAndTag)
    {
        if (_context is null)
        {
            Platform.Encrypt(nonce, plain, ciphertextAndTag[..plain.Length], ciphertextAndTag[plain.Length..], aad);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, IFieldCipher.NonceBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertextAndTag.Length, plain.Length + IFieldCipher.TagBytes);
        Native(_context.Value, nonce, aad, plain, ciphertextAndTag);
        GC.KeepAlive(_context);
    }

    /// <summary>Decrypts what <see cref="Encrypt"/> made.</summary>
    /// <exception cref="CryptographicException">It was altered, moved, or belongs to another key.</exception>
    public void Decrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain) =>
        Platform.Decrypt(nonce, ciphertextAndTag[..plain.Length], ciphertextAndTag[plain.Length..], plain, aad);

    public void Dispose()
    {
        _platform?.Dispose();
        _context?.Dispose();
    }

    private static void Native(
        nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> to)
    {
        int written;
        fixed (byte* nonceAt = nonce, aadAt = aad, plainAt = plain, toAt = to)
        {
            var isDone = s_init(context, 0, 0, null, nonceAt) == 1
                && (aad.IsEmpty || s_update(context, null, &written, aadAt, aad.Length) == 1)
                && (plain.IsEmpty || s_update(context, toAt, &written, plainAt, plain.Length) == 1)
                && s_final(context, toAt + plain.Length, &written) == 1
                && s_control(context, GetTag, IFieldCipher.TagBytes, toAt + plain.Length) == 1;
            if (!isDone)
            {
                throw new CryptographicException("libcrypto did not encrypt.");
            }
        }
    }

    private static bool AgreesWithPlatform()
    {
        var key = new byte[32];
        var probe = new byte[300];
        for (var i = 0; i < probe.Length; i++)
        {
            key[i % key.Length] ^= (byte)(i * 5);
            probe[i] = (byte)(i * 7);
        }

        using var cipher = new GcmCipher(key);
        var nonce = probe.AsSpan(0, IFieldCipher.NonceBytes);
        var aad = probe.AsSpan(12, 88);
        var plain = probe.AsSpan(100);
        var (ours, theirs) = (new byte[200 + IFieldCipher.TagBytes], new byte[200 + IFieldCipher.TagBytes]);
        cipher.Encrypt(nonce, aad, plain, ours);
        cipher.Platform.Encrypt(nonce, plain, theirs.AsSpan(0, plain.Length), theirs.AsSpan(plain.Length), aad);
        return ours.AsSpan().SequenceEqual(theirs);
    }

    /// <summary>A cipher context with the key set; libcrypto clears it when it is freed.</summary>
    private sealed class Context : SafeHandleZeroOrMinusOneIsInvalid
    {
        private Context()
            : base(ownsHandle: true)
        {
        }

        public nint Value => handle;

        public static Context Create(ReadOnlySpan<byte> key)
        {
            var context = new Context();
            context.SetHandle(s_newContext());
            fixed (byte* keyAt = key)
            {
                if (context.IsInvalid || s_init(context.handle, s_aes256Gcm(), 0, keyAt, null) != 1)
                {
                    context.Dispose();
                    throw new CryptographicException("libcrypto has no AES-256-GCM.");
                }
            }

            return context;
        }

        protected override bool ReleaseHandle()
        {
            s_freeContext(handle);
            return true;
        }
    }
}

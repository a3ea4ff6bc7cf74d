using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Probity.Server.Keys;

/// <summary>
/// AES-256-GCM under one key. It goes straight to libcrypto's EVP functions where they are found and agree with the
/// runtime on a known input: the runtime's own call takes three times as long for what a member of an event holds.
/// Both go through the same provider. Decision record 0031. Not thread safe.
/// </summary>
internal sealed unsafe class GcmCipher : IDisposable
{
    /// <summary>Up to so many bytes take less than a microsecond.</summary>
    private const int BriefBytes = 1_024;

    private const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    private const int KeyBytes = 32;
    private const int KeepDirection = -1;
    private const int SetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG

    private static readonly delegate* unmanaged<nint> s_newContext;
    private static readonly delegate* unmanaged<nint, void> s_freeContext;
    private static readonly delegate* unmanaged<nint> s_aes256Gcm;
    private static readonly delegate* unmanaged<nint, nint, nint, byte*, byte*, int, int> s_init;
    private static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> s_update;

    // The same functions, for calls so short that telling the collector of them would cost more than they do.
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, byte*, byte*, int, int> s_begin;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, int*, byte*, int, int> s_brief;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, int*, int> s_finish;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, int, int, void*, int> s_tag;

    private readonly byte[] _key;
    private readonly AesGcm? _platform;
    private readonly Context? _sealing;
    private Context? _opening;

    static GcmCipher()
    {
        if (!OperatingSystem.IsLinux()
            || !NativeLibrary.TryLoad("libcrypto.so.3", Assembly.GetExecutingAssembly(), null, out var library)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_new", out var newContext)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_free", out var freeContext)
            || !NativeLibrary.TryGetExport(library, "EVP_aes_256_gcm", out var aes256Gcm)
            || !NativeLibrary.TryGetExport(library, "EVP_CipherInit_ex", out var init)
            || !NativeLibrary.TryGetExport(library, "EVP_CipherUpdate", out var update)
            || !NativeLibrary.TryGetExport(library, "EVP_CipherFinal_ex", out var final)
            || !NativeLibrary.TryGetExport(library, "EVP_CIPHER_CTX_ctrl", out var control))
        {
            return;
        }

        s_newContext = (delegate* unmanaged<nint>)newContext;
        s_freeContext = (delegate* unmanaged<nint, void>)freeContext;
        s_aes256Gcm = (delegate* unmanaged<nint>)aes256Gcm;
        s_init = (delegate* unmanaged<nint, nint, nint, byte*, byte*, int, int>)init;
        s_update = (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)update;
        s_begin = (delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, byte*, byte*, int, int>)init;
        s_brief = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, int*, byte*, int, int>)update;
        s_finish = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, int*, int>)final;
        s_tag = (delegate* unmanaged[SuppressGCTransition]<nint, int, int, void*, int>)control;
        IsNative = true;
        IsNative = AgreesWithPlatform();
    }

    /// <param name="key">32 bytes, the caller's. Once they are cleared, nothing opens that has not been opened.</param>
    /// <param name="isToSeal">
    /// Whether it will encrypt. The key is taken for that now: one that is cleared meanwhile must never seal.
    /// </param>
    public GcmCipher(byte[] key, bool isToSeal)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes); // libcrypto would read on behind it.
        _key = key;
        _platform = IsNative ? null : new AesGcm(key, IFieldCipher.TagBytes);
        _sealing = IsNative && isToSeal ? Context.Create(key, isSealing: true) : null;
    }

    /// <summary>Whether it goes straight to libcrypto.</summary>
    public static bool IsNative { get; private set; }

    /// <summary>Encrypts; the tag follows the ciphertext.</summary>
    /// <exception cref="InvalidOperationException">It was made to open only.</exception>
    /// <exception cref="CryptographicException">libcrypto refused; nothing that was written may be used.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> ciphertextAndTag)
    {
        Check(nonce, ciphertextAndTag, plain);
        var ciphertext = ciphertextAndTag[..plain.Length];
        var tag = ciphertextAndTag[plain.Length..];
        if (_platform is not null)
        {
            _platform.Encrypt(nonce, plain, ciphertext, tag, aad);
            return;
        }

        var context = _sealing ?? throw new InvalidOperationException("This cipher was made to open only.");
        if (!Begin(context, nonce, aad) || !Update(context, plain, ciphertext)
            || !Finish(context) || !Tag(context, GetTag, tag))
        {
            throw new CryptographicException("libcrypto did not encrypt.");
        }
    }

    /// <summary>Decrypts what <see cref="Encrypt"/> made.</summary>
    /// <exception cref="CryptographicException">
    /// It was altered, moved, or belongs to another key; the plain text is cleared.
    /// </exception>
    public void Decrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        Check(nonce, ciphertextAndTag, plain);
        var ciphertext = ciphertextAndTag[..plain.Length];
        var tag = ciphertextAndTag[plain.Length..];
        if (_platform is not null)
        {
            _platform.Decrypt(nonce, ciphertext, tag, plain, aad);
            return;
        }

        var context = _opening ??= Context.Create(_key, isSealing: false);
        if (!Begin(context, nonce, aad) || !Update(context, ciphertext, plain)
            || !Tag(context, SetTag, tag) || !Finish(context))
        {
            CryptographicOperations.ZeroMemory(plain);
            throw new AuthenticationTagMismatchException();
        }
    }

    public void Dispose()
    {
        _platform?.Dispose();
        _sealing?.Dispose();
        _opening?.Dispose();
    }

    private static void Check(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> plain)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, IFieldCipher.NonceBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealedBytes.Length, plain.Length + IFieldCipher.TagBytes);
    }

    private static bool Begin(Context context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad)
    {
        int written;
        fixed (byte* nonceAt = nonce, aadAt = aad)
        {
            return s_begin(context.Value, 0, 0, null, nonceAt, KeepDirection) == 1
                && (aad.IsEmpty || Update(context.Value, null, &written, aadAt, aad.Length) == 1);
        }
    }

    private static bool Update(Context context, ReadOnlySpan<byte> from, Span<byte> to)
    {
        int written;
        fixed (byte* fromAt = from, toAt = to)
        {
            return from.IsEmpty || Update(context.Value, toAt, &written, fromAt, from.Length) == 1;
        }
    }

    private static int Update(nint context, byte* to, int* written, byte* from, int length) => length <= BriefBytes
        ? s_brief(context, to, written, from, length)
        : s_update(context, to, written, from, length);

    /// <summary>Closes the operation; when opening, this is where the tag is compared.</summary>
    private static bool Finish(Context context)
    {
        int written;
        var nothing = stackalloc byte[IFieldCipher.TagBytes]; // GCM leaves no last block, but wants a place for it.
        return s_finish(context.Value, nothing, &written) == 1;
    }

    private static bool Tag(Context context, int action, ReadOnlySpan<byte> tag)
    {
        fixed (byte* tagAt = tag)
        {
            return s_tag(context.Value, action, tag.Length, tagAt) == 1;
        }
    }

    private static bool AgreesWithPlatform()
    {
        var key = new byte[KeyBytes];
        var probe = new byte[300];
        for (var i = 0; i < probe.Length; i++)
        {
            key[i % key.Length] ^= (byte)(i * 5);
            probe[i] = (byte)(i * 7);
        }

        using var ours = new GcmCipher(key, isToSeal: true);
        using var theirs = new AesGcm(key, IFieldCipher.TagBytes);
        var nonce = probe.AsSpan(0, IFieldCipher.NonceBytes);
        var aad = probe.AsSpan(12, 88);
        var plain = probe.AsSpan(100);
        var (found, expected) = (new byte[200 + IFieldCipher.TagBytes], new byte[200 + IFieldCipher.TagBytes]);
        ours.Encrypt(nonce, aad, plain, found);
        theirs.Encrypt(nonce, plain, expected.AsSpan(0, plain.Length), expected.AsSpan(plain.Length), aad);
        var opened = new byte[plain.Length];
        ours.Decrypt(nonce, aad, expected, opened);
        return found.AsSpan().SequenceEqual(expected) && opened.AsSpan().SequenceEqual(plain);
    }

    /// <summary>A cipher context with the key set; libcrypto clears it when it is freed.</summary>
    private sealed class Context : SafeHandleZeroOrMinusOneIsInvalid
    {
        private Context()
            : base(ownsHandle: true)
        {
        }

        public nint Value => handle;

        public static Context Create(ReadOnlySpan<byte> key, bool isSealing)
        {
            var context = new Context();
            context.SetHandle(s_newContext());
            fixed (byte* keyAt = key)
            {
                if (context.IsInvalid || s_init(context.handle, s_aes256Gcm(), 0, keyAt, null, isSealing ? 1 : 0) != 1)
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

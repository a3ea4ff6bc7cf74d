using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;

namespace Probity.Server.Keys.Pkcs11;

/// <summary>
/// A root key inside a PKCS#11 device: it wraps and unwraps there and never comes out. One session serves all calls, in
/// turn; it is opened anew once when the device has dropped it. Source: PKCS #11 v2.40, CKM_AES_GCM.
/// </summary>
internal sealed class Pkcs11RootKey : IRootKey
{
    private const int NonceBytes = IFieldCipher.NonceBytes;
    private const int TagBytes = IFieldCipher.TagBytes;

    private readonly Lock _turn = new();
    private readonly IPkcs11Library _library;
    private readonly TokenUri _uri;
    private ISession _session;
    private IObjectHandle _key;

    /// <summary>
    /// The library asks for "libdl", which only development packages bring; its functions are in the C library itself.
    /// </summary>
    static Pkcs11RootKey() => NativeLibrary.SetDllImportResolver(
        typeof(Pkcs11InteropFactories).Assembly,
        static (name, assembly, path) => name == "libdl" && OperatingSystem.IsLinux()
            ? NativeLibrary.Load("libdl.so.2", assembly, path)
            : IntPtr.Zero);

    private Pkcs11RootKey(IPkcs11Library library, TokenUri uri)
    {
        (_library, _uri) = (library, uri);
        (_session, _key) = LogIn();
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"probity-pkcs11-v1|{_session.GetSessionInfo().SlotId}|{uri.Token}|{uri.Object}|{Identity()}"))
                .AsSpan(0, 8));
    }

    public string Provider => "pkcs11";

    public string Fingerprint { get; }

    /// <summary>Loads the device's library, logs in and finds the key.</summary>
    /// <exception cref="StorageException">keys.provider_unavailable, with what is missing.</exception>
    public static Pkcs11RootKey Open(TokenUri uri)
    {
        if (!File.Exists(uri.ModulePath))
        {
            throw Unavailable($"There is no PKCS#11 library {uri.ModulePath}.", null);
        }

        var factories = new Pkcs11InteropFactories();
        try
        {
            var library = factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, uri.ModulePath,
                AppType.MultiThreaded);
            try
            {
                return new Pkcs11RootKey(library, uri);
            }
            catch
            {
                library.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is Pkcs11Exception or UnmanagedException)
        {
            throw Unavailable($"The device of AUDIT_KEY_PROVIDER refuses: {failure.Message}", failure);
        }
    }

    public byte[] Wrap(ReadOnlySpan<byte> key, string id, string kind)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var plain = key.ToArray();
        try
        {
            var sealedBytes = Run(id, kind, nonce, (mechanism, session, handle) =>
                session.Encrypt(mechanism, handle, plain));
            return [.. nonce, .. sealedBytes];
        }
        catch (Pkcs11Exception failure)
        {
            throw Unavailable($"The device does not wrap a key: {failure.RV}.", failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string id, string kind)
    {
        if (wrapped.Length <= NonceBytes + TagBytes)
        {
            throw new CryptographicException("A wrapped key is longer than its nonce and tag.");
        }

        var nonce = wrapped[..NonceBytes].ToArray();
        var sealedBytes = wrapped[NonceBytes..].ToArray();
        byte[] plain;
        try
        {
            plain = Run(id, kind, nonce, (mechanism, session, handle) =>
                session.Decrypt(mechanism, handle, sealedBytes));
        }
        catch (Pkcs11Exception failure)
        {
            // Devices differ in what they call a tag that does not fit; none tells more than that it did not open.
            throw new CryptographicException($"The device does not open the key: {failure.RV}.", failure);
        }

        var key = GC.AllocateArray<byte>(plain.Length, pinned: true);
        plain.CopyTo(key, 0);
        CryptographicOperations.ZeroMemory(plain);
        return key;
    }

    public void Dispose()
    {
        lock (_turn)
        {
            _session.Dispose();
            _library.Dispose();
        }
    }

    private byte[] Run(
        string id, string kind, byte[] nonce, Func<IMechanism, ISession, IObjectHandle, byte[]> work)
    {
        lock (_turn)
        {
            try
            {
                return Once(id, kind, nonce, work);
            }
            catch (Pkcs11Exception lost) when (lost.RV is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED
                or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_DEVICE_REMOVED)
            {
                _session.Dispose();
                (_session, _key) = LogIn();
                return Once(id, kind, nonce, work);
            }
        }
    }

    private byte[] Once(string id, string kind, byte[] nonce, Func<IMechanism, ISession, IObjectHandle, byte[]> work)
    {
        using var parameters = _session.Factories.MechanismParamsFactory.CreateCkGcmParams(
            nonce, NonceBytes * 8, KeyWrap.Aad(id, kind, IRootKey.Id), TagBytes * 8);
        using var mechanism = _session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        return work(mechanism, _session, _key);
    }

    private (ISession Session, IObjectHandle Key) LogIn()
    {
        var slot = _library.GetSlotList(SlotsType.WithTokenPresent)
            .Find(found => found.GetTokenInfo().Label.TrimEnd() == _uri.Token)
            ?? throw Unavailable($"No token is labelled {_uri.Token}.", null);
        var session = slot.OpenSession(SessionType.ReadOnly);
        try
        {
            session.Login(CKU.CKU_USER, ReadPin());
            var factory = session.Factories.ObjectAttributeFactory;
            var keys = session.FindAllObjects(
            [
                factory.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
                factory.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
                factory.Create(CKA.CKA_LABEL, _uri.Object),
            ]);
            return keys.Count == 1
                ? (session, keys[0])
                : throw Unavailable($"{keys.Count} AES keys of the token are labelled {_uri.Object}; one is needed.",
                    null);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private string ReadPin()
    {
        try
        {
            return File.ReadAllText(_uri.PinFile).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unavailable($"The PIN file {_uri.PinFile} cannot be read.", fault);
        }
    }

    /// <summary>CKA_ID, which a device keeps for a key's life.</summary>
    private string Identity()
    {
        var value = _session.GetAttributeValue(_key, [CKA.CKA_ID])[0];
        return value.CannotBeRead ? "" : Convert.ToHexStringLower(value.GetValueAsByteArray() ?? []);
    }

    private static StorageException Unavailable(string message, Exception? failure) => new(
        "keys.provider_unavailable",
        message + " Check AUDIT_KEY_PROVIDER: token, object, module-path and pin-source.",
        failure);
}

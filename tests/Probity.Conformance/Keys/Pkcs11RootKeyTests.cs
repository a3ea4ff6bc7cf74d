using System.Diagnostics;
using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Probity.Conformance.Storage;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;
using Probity.Server.Keys.Pkcs11;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>The root key in a PKCS#11 device: SoftHSM, where it is installed.</summary>
public sealed class Pkcs11RootKeyTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private const string Module = "/usr/lib/softhsm/libsofthsm2.so";
    private const string Pin = "4711-0815";

    [Fact]
    public async Task A_store_made_with_a_device_opens_with_it_again_and_with_nothing_else()
    {
        using var token = Token.Make();
        await using var store = await TestStore.MigratedAsync(Storage.StoreKind.Sqlite, cluster);
        SealedText text;
        using (var ring = await KeyRing.OpenAsync(store.Database, Pkcs11RootKey.Open(token.Uri), TimeProvider.System,
            CancellationToken.None))
        {
            Assert.Equal("pkcs11", ring.Root.Provider);
            using var key = ring.Rent();
            text = new SealedText(key.Id, new byte[12], new byte[21]);
            key.Seal("aad"u8, "hello"u8, text.Nonce, text.Bytes);
        }

        using var later = await KeyRing.OpenAsync(store.Database, Pkcs11RootKey.Open(token.Uri), TimeProvider.System,
            CancellationToken.None);
        var plain = new byte[5];
        later.Open(text.Key, "aad"u8, text.Nonce, text.Bytes, plain);
        Assert.Equal("hello"u8, plain);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => KeyRing.OpenAsync(
            store.Database, RandomNumberGenerator.GetBytes(32), TimeProvider.System, CancellationToken.None));
        Assert.Equal("keys.root_mismatch", refusal.Code);
    }

    [Fact]
    public void A_wrapped_key_opens_only_as_what_it_was_wrapped_as()
    {
        using var token = Token.Make();
        using var root = Pkcs11RootKey.Open(token.Uri);
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapped = root.Wrap(key, "key_1", "kek");

        Assert.Equal(key, root.Unwrap(wrapped, "key_1", "kek"));
        Assert.ThrowsAny<CryptographicException>(() => root.Unwrap(wrapped, "key_2", "kek"));
        wrapped[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => root.Unwrap(wrapped, "key_1", "kek"));
    }

    [Fact]
    public void What_is_wrong_with_the_device_is_said()
    {
        using var token = Token.Make();

        foreach (var wrong in (TokenUri[])
            [token.Uri with { Token = "other" }, token.Uri with { Object = "other" },
                token.Uri with { PinFile = "/nowhere" },
                token.Uri with { ModulePath = "/nowhere.so" }])
        {
            var refusal = Assert.Throws<StorageException>(() => Pkcs11RootKey.Open(wrong));
            Assert.Equal("keys.provider_unavailable", refusal.Code);
        }
    }

    private sealed record SealedText(string Key, byte[] Nonce, byte[] Bytes);

    /// <summary>A token of its own, with one key.</summary>
    private sealed class Token : IDisposable
    {
        private static readonly System.Threading.Lock s_once = new();
        private static DirectoryInfo? s_folder;
        private static int s_made;

        private Token(string label, string pinFile) =>
            Uri = new TokenUri(label, "probity-root", Module, pinFile);

        public TokenUri Uri { get; }

        public static Token Make()
        {
            if (!File.Exists(Module))
            {
                Assert.SkipUnless(Environment.GetEnvironmentVariable("PROBITY_REQUIRE_STORES") != "1",
                    "softhsm2 is required and not installed.");
                Assert.Skip("softhsm2 is not installed");
            }

            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Pkcs11RootKey).TypeHandle);
            lock (s_once)
            {
                // The library reads its configuration once in a process.
                if (s_folder is null)
                {
                    s_folder = Directory.CreateTempSubdirectory("probity-softhsm-");
                    Directory.CreateDirectory(Path.Combine(s_folder.FullName, "tokens"));
                    var file = Path.Combine(s_folder.FullName, "softhsm2.conf");
                    File.WriteAllText(file,
                        $"directories.tokendir = {s_folder.FullName}/tokens\nobjectstore.backend = file\n"
                        + "log.level = ERROR\n");
                    Set("SOFTHSM2_CONF", file);
                    Environment.SetEnvironmentVariable("SOFTHSM2_CONF", file);
                }

                var label = $"probity-{s_made++}";
                Run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", Pin);
                MakeKey(label);
                var pin = Path.Combine(s_folder.FullName, "pin");
                File.WriteAllText(pin, Pin + "\n");
                return new Token(label, pin);
            }
        }

        public void Dispose()
        {
            // The tokens live as long as the process; their folder is temporary.
        }

        private static void MakeKey(string label)
        {
            var factories = new Pkcs11InteropFactories();
            using var library = factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, Module,
                AppType.MultiThreaded);
            var slot = library.GetSlotList(SlotsType.WithTokenPresent)
                .Single(s => s.GetTokenInfo().Label.TrimEnd() == label);
            using var session = slot.OpenSession(SessionType.ReadWrite);
            session.Login(CKU.CKU_USER, Pin);
            var attribute = session.Factories.ObjectAttributeFactory;
            session.GenerateKey(
                session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN),
                [
                    attribute.Create(CKA.CKA_LABEL, "probity-root"), attribute.Create(CKA.CKA_VALUE_LEN, 32UL),
                    attribute.Create(CKA.CKA_ID, [1]), attribute.Create(CKA.CKA_TOKEN, true),
                    attribute.Create(CKA.CKA_SENSITIVE, true), attribute.Create(CKA.CKA_EXTRACTABLE, false),
                    attribute.Create(CKA.CKA_ENCRYPT, true), attribute.Create(CKA.CKA_DECRYPT, true),
                ]);
        }

        // The library is native: it sees the environment of the process, not the runtime's copy of it.
        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setenv",
            CharSet = System.Runtime.InteropServices.CharSet.Ansi)]
        private static extern int SetEnvironment(string name, string value, int overwrite);

        private static void Set(string name, string value) => Assert.Equal(0, SetEnvironment(name, value, 1));

        private static void Run(string program, params string[] arguments)
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true,
                RedirectStandardError = true })!;
            process.WaitForExit(30_000);
            Assert.True(process.ExitCode == 0, process.StandardError.ReadToEnd());
        }
    }
}

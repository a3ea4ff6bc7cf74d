using System.Diagnostics;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys.Pkcs11;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>A token of SoftHSM of its own, with one AES key that cannot be extracted; where it is installed.</summary>
public sealed class SoftHsmToken : IDisposable
{
    private const string Module = "/usr/lib/softhsm/libsofthsm2.so";
    private const string Pin = "4711-0815";
    private static readonly System.Threading.Lock s_once = new();
    private static DirectoryInfo? s_folder;
    private static int s_made;

    private SoftHsmToken(string label, string pinFile) =>
        Uri = new TokenUri(label, "probity-root", Module, pinFile);

    internal TokenUri Uri { get; }

    /// <summary>Its key as the setting names it (RFC 7512).</summary>
    public string Address =>
        $"pkcs11:token={Uri.Token};object={Uri.Object}?module-path={Uri.ModulePath}&pin-source=file:{Uri.PinFile}";

    /// <summary>Makes one; skips the test where SoftHSM is missing.</summary>
    public static SoftHsmToken Make()
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
            return new SoftHsmToken(label, pin);
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

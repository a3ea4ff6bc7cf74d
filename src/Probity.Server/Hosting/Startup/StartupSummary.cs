using System.Globalization;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Startup;

/// <summary>
/// What <c>up</c> prints: all of it at the first start, four lines and the warnings later. Places, never secrets, but for
/// the set-up link, which works once and ends soon.
/// </summary>
internal static class StartupSummary
{
    public static void Write(Ink ink, StartupFacts facts)
    {
        WriteHead(ink, facts);
        if (facts.IsFirstStart)
        {
            WriteFirstSteps(ink, facts);
        }
        else
        {
            ink.Line("Open", $"{facts.Url}      API {facts.Url}docs      Metrics {facts.Url}metrics      "
                + "Stop with Ctrl+C");
        }

        if (facts.SetupUrl is { } setup)
        {
            ink.Line("Set up", $"{setup}");
            ink.Line("", "makes the first administrator; works once, within 30 minutes, for whoever holds it");
        }

        if (facts.Ledger.Fault is { } fault)
        {
            ink.Fault(fault);
        }

        if (!facts.Settings.EncryptionEnabled)
        {
            ink.Warning("encryption is OFF: new events are stored in clear, and erasing a person's data will be refused");
            ink.Warning("set AUDIT_ENABLE_ENCRYPTION=true unless something else encrypts this store");
        }

        foreach (var warning in facts.Warnings)
        {
            ink.Warning(warning);
        }
    }

    private static void WriteHead(Ink ink, StartupFacts facts)
    {
        var settings = facts.Settings;
        var store = settings.Store.Kind == StoreKind.Sqlite
            ? "embedded (SQLite, WAL)"
            : settings.Store.ToString();
        ink.Title($"Probity {ProductVersion.Current.Version}");
        var redis = settings.Redis is null ? "none" : $"{settings.Redis} (not used yet)";
        ink.Line("data", $"{settings.DataDir}   store {store}   redis {redis}   "
            + $"encryption {(settings.EncryptionEnabled ? "AES-256-GCM on" : "OFF")}");
        ink.Line("ledger", string.Create(
            CultureInfo.InvariantCulture, $"{facts.Ledger.Size:N0} events · {facts.Ledger.State} · tier: {facts.Ledger.Tier}"));
    }

    private static void WriteFirstSteps(Ink ink, StartupFacts facts)
    {
        var (settings, url) = (facts.Settings, facts.Url);
        ink.Line("Open", $"{url}");
        ink.Line("API", $"{url}docs      Metrics {url}metrics      Description {url}openapi/v1.json");
        ink.Line("Verify", $"probity ledger verify --data {Quoted(settings.DataDir)}");
        ink.Line("Try", $"curl -s {url}api/v1/events \\");
        ink.Line("", $"  -H \"Authorization: Bearer $(cat {Quoted(settings.BootstrapKeyFile)})\" \\");
        ink.Line("", "  -H 'Content-Type: application/json' -d '{\"action\":\"hello.world\",\"actor\":{\"id\":\"me\"}}'");
        ink.Line("Keys", $"{settings.KeysDir}   back this folder up: without encryption.key the ledger cannot be read");
        ink.Line("", $"the first API key is in {settings.BootstrapKeyFile}; it opens everything but sealed "
            + "compartments, replace it soon");
        ink.Line("", "Stop with Ctrl+C");
    }

    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_')
            ? path
            : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}

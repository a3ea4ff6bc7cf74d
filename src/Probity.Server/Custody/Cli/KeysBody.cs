using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Custody.KeyCare;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;

namespace Probity.Server.Custody.Cli;

/// <summary><c>probity keys rotate|backup|restore</c>.</summary>
internal static class KeysBody
{
    private const string DeviceScheme = "pkcs11:";

    /// <summary>Rotates through the server that holds the folder, or on the folder itself.</summary>
    public static async Task<int> RotateAsync(VerbContext context, CancellationToken cancellationToken)
    {
        JsonNode? state;
        if (context.TryGetServer(out var server))
        {
            state = await ServerCall.PostAsync(server, "/api/v1/keys:rotate", "{}", cancellationToken);
        }
        else
        {
            await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
            await CustodyModule.PrepareCustodyAsync(ledger.Services, cancellationToken);
            var desk = ledger.Services.GetRequiredService<KeyDesk>();
            var view = await desk.RotateAsync(new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System),
                cancellationToken);
            state = JsonSerializer.SerializeToNode(view, CliJson.Options);
        }

        var version = state?["minimum_version"];
        await context.Output.WriteLineAsync(context.IsJson
            ? state?.ToJsonString(CliJson.Options)
            : $"Rotated: version {version} wraps every key now; "
                + $"versions below {version} are destroyed and open nothing.");
        return ExitCode.Done;
    }

    /// <summary>Replaces the root key, through the server that holds the folder, or on the folder itself.</summary>
    /// <param name="newKeyFile">A file with the new key, or the <c>pkcs11:</c> URI of one in a device.</param>
    /// <param name="context">The settings and where to write.</param>
    /// <param name="cancellationToken">Ends what has not begun to commit.</param>
    public static async Task<int> RotateRootAsync(
        string newKeyFile, VerbContext context, CancellationToken cancellationToken)
    {
        if (context.Settings.KeyProvider is not null || newKeyFile.StartsWith(DeviceScheme, StringComparison.Ordinal))
        {
            return await ChangeProviderAsync(newKeyFile, context, cancellationToken);
        }

        var next = await ReadRootAsync(newKeyFile, cancellationToken);
        LayReady(context, next);
        JsonNode? state;
        if (context.TryGetServer(out var server))
        {
            state = await ServerCall.PostAsync(server, "/api/v1/keys:rotate-root", "{}", cancellationToken);
        }
        else
        {
            state = await RotateRootHereAsync(context, next, cancellationToken);
        }

        var isInFile = File.Exists(KeyFiles.EncryptionKeyFile(context.Settings));
        await context.Output.WriteLineAsync(context.IsJson
            ? state?.ToJsonString(CliJson.Options)
            : $"Rotated: version {state?["root"]?["version"]} of the root key wraps every key-encryption key; "
                + "the former one opens nothing but older backups.\n"
                + (isInFile
                    ? $"It is in {KeyFiles.EncryptionKeyFile(context.Settings)}; the former one beside it, until the "
                        + "last backup under it is deleted. Make a new `probity keys backup`."
                    : "Set AUDIT_ENCRYPTION_KEY, or its file, to the new key before the next start, on every node."));
        return ExitCode.Done;
    }

    /// <summary>
    /// From or to a key in a device: only while no server runs, since its settings name the former key until they are
    /// changed by hand.
    /// </summary>
    private static async Task<int> ChangeProviderAsync(
        string newKey, VerbContext context, CancellationToken cancellationToken)
    {
        if (context.TryGetServer(out _))
        {
            throw new ExpectedFaultException("A server holds this data folder.",
                "Stop it, and every other node: the settings name the new key only afterwards.",
                ExitCode.Configuration);
        }

        var isDevice = newKey.StartsWith(DeviceScheme, StringComparison.Ordinal);
        IRootKey next = isDevice ? OpenDevice(newKey)
            : new FileRootKey((await ReadRootAsync(newKey, cancellationToken)).Bytes);
        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
        await CustodyModule.PrepareCustodyAsync(ledger.Services, cancellationToken);
        var view = await ledger.Services.GetRequiredService<KeyDesk>().RotateRootAsync(
            next, new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System), cancellationToken);
        await context.Output.WriteLineAsync(context.IsJson
            ? JsonSerializer.SerializeToNode(view, CliJson.Options)?.ToJsonString(CliJson.Options)
            : $"Rotated: version {view.Root.Version} of the root key, {next.Provider} {next.Fingerprint}, wraps every "
                + "key-encryption key; the former one opens nothing but older backups.\n"
                + "Before the next start, on every node: "
                + (isDevice
                    ? "set AUDIT_KEY_PROVIDER to it and unset AUDIT_ENCRYPTION_KEY. Keep the former key until the "
                        + "last backup under it is deleted, but not on this machine."
                    : $"unset AUDIT_KEY_PROVIDER and give the key of {newKey} as AUDIT_ENCRYPTION_KEY or its file."));
        return ExitCode.Done;
    }

    private static Keys.Pkcs11.Pkcs11RootKey OpenDevice(string uri)
    {
        var reading = TokenUri.Read(uri);
        return Keys.Pkcs11.Pkcs11RootKey.Open(reading.Value ?? throw new ExpectedFaultException(
            $"This names no key in a device: {reading.Fault}.",
            "Give pkcs11:token=…;object=…?module-path=…&pin-source=file:…", ExitCode.Configuration));
    }

    private static async Task<JsonNode?> RotateRootHereAsync(
        VerbContext context, KeyBytes next, CancellationToken cancellationToken)
    {
        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
        await CustodyModule.PrepareCustodyAsync(ledger.Services, cancellationToken);
        var desk = ledger.Services.GetRequiredService<KeyDesk>();
        var former = desk.Root;
        using var root = new FileRootKey(next.Bytes);
        var state = root.Fingerprint == former.Fingerprint && !File.Exists(RootKeyFiles.Next(context.Settings))
            ? await desk.StateAsync(cancellationToken) // The start has just finished what was interrupted.
            : await desk.RotateRootAsync(
                new FileRootKey(next.Bytes), new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System),
                cancellationToken);
        RootKeyFiles.Exchange(context.Settings, former);
        return JsonSerializer.SerializeToNode(state, CliJson.Options);
    }

    private static async Task<KeyBytes> ReadRootAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"The key file {path} cannot be read.", "Correct the path.", ExitCode.Configuration, fault);
        }

        var reading = KeyText.ReadRoot(text);
        return reading.Value ?? throw new ExpectedFaultException(
            $"{path} holds no root key: {reading.Fault}.",
            "Draw one: `head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n'`.", ExitCode.Configuration);
    }

    /// <summary>The new key lies ready before anything changes: no crash leaves keys under a lost one.</summary>
    private static void LayReady(VerbContext context, KeyBytes next)
    {
        var path = RootKeyFiles.Next(context.Settings);
        if (!PrivateFile.TryCreate(path, Convert.ToHexStringLower(next.Bytes) + "\n")
            && RootKeyFiles.ReadNext(context.Settings)?.IsSame(next) != true)
        {
            throw new ExpectedFaultException($"{path} holds another key.",
                "Finish the change that was begun with it, or delete the file if it was not.", ExitCode.Configuration);
        }
    }

    /// <summary>Writes root key and secret key into one file that a passphrase opens.</summary>
    public static async Task<int> BackUpAsync(KeyFileRequest request, VerbContext context,
        CancellationToken cancellationToken)
    {
        if (context.Settings is not { EncryptionKey: { } root, SecretKey: { } secret })
        {
            throw new ExpectedFaultException(
                context.Settings.KeyProvider is null ? "There are no keys here yet."
                    : "The root key is in a device and cannot be copied.",
                context.Settings.KeyProvider is null ? "Run `probity up` first." : "Use the device's own backup.");
        }

        var keys = new BackedUpKeys(Convert.ToHexStringLower(root.Bytes), Convert.ToHexStringLower(secret.Bytes),
            DateTimeOffset.UnixEpoch);
        var text = KeyBackupFile.Seal(keys, await PassphraseInput.ReadAsync(request.PassphraseFile, cancellationToken));
        if (!PrivateFile.TryCreate(request.Path, text))
        {
            throw new ExpectedFaultException($"{request.Path} is there already.",
                "Name another file; a key backup is never overwritten.");
        }

        await context.Output.WriteLineAsync(
            $"Written: {request.Path}. Keep it and its passphrase apart, and neither beside a backup of the data.");
        return ExitCode.Done;
    }

    /// <summary>Puts the keys of a key backup into a data folder that has none.</summary>
    public static async Task<int> RestoreAsync(KeyFileRequest request, VerbContext context,
        CancellationToken cancellationToken)
    {
        BackedUpKeys keys;
        try
        {
            var text = await File.ReadAllTextAsync(request.Path, cancellationToken);
            keys = KeyBackupFile.Open(text, await PassphraseInput.ReadAsync(request.PassphraseFile, cancellationToken));
        }
        catch (InvalidDataException fault)
        {
            throw new ExpectedFaultException(fault.Message, "Check file and passphrase.", ExitCode.Configuration,
                fault);
        }

        PrivateFile.CreateFolder(context.Settings.DataDir);
        foreach (var (path, key) in (ReadOnlySpan<(string, string)>)
            [(KeyFiles.EncryptionKeyFile(context.Settings), keys.EncryptionKey),
                (KeyFiles.SecretKeyFile(context.Settings), keys.SecretKey)])
        {
            if (!PrivateFile.TryCreate(path, key + "\n") && !IsSame(path, key))
            {
                throw new ExpectedFaultException(
                    $"{path} holds another key.",
                        "Restore into a folder without keys: a key that is there is never overwritten.",
                    ExitCode.Configuration);
            }
        }

        await context.Output.WriteLineAsync($"The keys are in {context.Settings.KeysDir}.");
        return ExitCode.Done;
    }

    private static bool IsSame(string path, string key) =>
        KeyText.ReadSecret(File.ReadAllText(path).Trim())
            .Value?.IsSame(new KeyBytes(Convert.FromHexString(key))) == true;
}

/// <summary>Requests of verbs to the server that holds the data folder.</summary>
internal static class ServerCall
{
    public static async Task<JsonNode?> PostAsync(ServerAddress server, string path, string json,
        CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(server.Url, path), content, cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return response.IsSuccessStatusCode
            ? body
            : throw new ExpectedFaultException(
                $"The server answered {(int)response.StatusCode}: {body?["detail"] ?? body?["title"]}", "See its log.");
    }
}

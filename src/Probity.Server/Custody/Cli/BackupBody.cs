using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Erasure;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.Custody.Cli;

/// <summary><c>probity backup create|verify|restore</c>.</summary>
internal static class BackupBody
{
    /// <summary>Makes a backup through the server that holds the folder, or of the folder itself.</summary>
    public static async Task<int> CreateAsync(BackupRequest request, VerbContext context,
        CancellationToken cancellationToken)
    {
        JsonNode? made;
        if (context.TryGetServer(out var server))
        {
            made = await ServerCall.PostAsync(
                server, "/api/v1/backups", JsonSerializer.Serialize(new { keep_days = request.KeepDays }),
                    cancellationToken);
            MoveTo(request.Path, context, made?["name"]?.GetValue<string>());
        }
        else
        {
            await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
            await CustodyModule.PrepareCustodyAsync(ledger.Services, cancellationToken);
            var desk = ledger.Services.GetRequiredService<BackupDesk>();
            var row = await desk.CreateAsync(
                request.Path, request.KeepDays, Caller.Server,
                    new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System),
                cancellationToken);
            made = JsonSerializer.SerializeToNode(BackupView.Of(row), CliJson.Options);
        }

        await context.Output.WriteLineAsync(context.IsJson
            ? made?.ToJsonString(CliJson.Options)
            : $"Backup {made?["id"]} of {made?["size"]} entries, {made?["bytes"]} bytes, sha256 {made?["sha256"]}\n"
                + "The root key is not in it: back the keys up apart, with `probity keys backup`.");
        return ExitCode.Done;
    }

    /// <summary>Reads every part of a backup; of SQLite also every entry and signature.</summary>
    public static async Task<int> VerifyAsync(string path, VerbContext context, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("probity-backup-");
        try
        {
            var header = await ExtractAsync(path, context, folder.FullName, null, cancellationToken);
            var database = Path.Combine(folder.FullName, StoreCopy.SqliteFile);
            var findings = File.Exists(database)
                ? (await AuditAsync(database, header, context, cancellationToken)).Findings
                : [];
            foreach (var finding in findings)
            {
                await context.Output.WriteLineAsync($"✗ {finding.Kind} at {finding.Where}: {finding.Detail}");
            }

            await context.Output.WriteLineAsync(findings.Count > 0
                ? "✗ TAMPERED: the backup is whole, the log in it is not."
                : $"✓ sound: {header.Id} of {header.CreatedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}, {header.Size} entries of "
                    + $"{header.Log}; every part is whole.");
            return findings.Count > 0 ? ExitCode.Tampered : ExitCode.Done;
        }
        catch (InvalidDataException fault)
        {
            await context.Output.WriteLineAsync($"✗ TAMPERED: {fault.Message}");
            return ExitCode.Tampered;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Puts a backup into an empty store, and says what a later checkpoint kept outside tells of it.</summary>
    public static async Task<int> RestoreAsync(RestoreRequest request, VerbContext context,
        CancellationToken cancellationToken)
    {
        ContinueBody.RequireNoServer(context);
        _ = request.Loss is null ? null : ContinueBody.Accepted(request.Loss);
        BackupHeader header;
        try
        {
            header = context.Settings.Store.Kind == StoreKind.Sqlite
                ? await RestoreSqliteAsync(request, context, cancellationToken)
                : await RestorePostgresAsync(request, context, cancellationToken);
        }
        catch (InvalidDataException fault)
        {
            throw new ExpectedFaultException(fault.Message, "Use another copy of the backup.", ExitCode.Tampered,
                fault);
        }

        MergeRegister(request.Register, context);
        var older = await TellAsync(header, request, context, cancellationToken);
        return older is not null && request.Loss is not null
            ? await ContinueBody.RunAsync(new ContinueRequest(older, request.Loss), context, cancellationToken)
            : ExitCode.Done;
    }

    private static async Task<BackupHeader> RestoreSqliteAsync(
        RestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var target = context.Settings.Store.Value;
        if (File.Exists(target))
        {
            throw new ExpectedFaultException($"{target} is there.",
                "Restore into an empty data folder, or move that file away.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(target)) ?? ".";
        PrivateFile.CreateFolder(folder);
        var header = await ExtractAsync(request.Path, context, folder, null, cancellationToken);
        var extracted = Path.Combine(folder, StoreCopy.SqliteFile);
        if (Path.GetFullPath(extracted) != Path.GetFullPath(target))
        {
            File.Move(extracted, target, overwrite: false);
        }

        ContinueBody.DropSearchIndex(context);
        return header;
    }

    private static async Task<BackupHeader> RestorePostgresAsync(
        RestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        await using var database = new Storage.Postgres.PostgresDatabase(context.Settings.Store.Value);
        await MigrationPlan.ApplyAsync(database, cancellationToken);
        await using var owner = (NpgsqlConnection)await database.OpenOwnerAsync(cancellationToken);
        await using var transaction = await owner.BeginTransactionAsync(cancellationToken);
        await using (var empty = new NpgsqlCommand("SELECT count(*) FROM probity.ledger_head", owner, transaction))
        {
            if (await empty.ExecuteScalarAsync(cancellationToken) is not 0L)
            {
                throw new ExpectedFaultException("The database holds a ledger.", "Restore into an empty database.");
            }
        }

        var header = await ExtractAsync(
            request.Path, context, context.Settings.DataDir,
            (name, blocks) => StoreCopy.ReadTableAsync(owner, name, blocks, cancellationToken), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return header;
    }

    private static async Task<BackupHeader> ExtractAsync(
        string path, VerbContext context, string folder, Func<string, Func<byte[]?>, Task>? table,
            CancellationToken cancellationToken)
    {
        await using var file = OpenFile(path);
        var (header, line) = SealedFile.ReadHeader(file);
        using var root = RootKeys.Find(context.Settings)
            ?? throw new ExpectedFaultException("The root key is not here.",
                "Set AUDIT_ENCRYPTION_KEY, or restore the keys first.", ExitCode.Configuration);
        byte[] key;
        try
        {
            key = SealedFile.UnwrapKey(root, header);
        }
        catch (System.Security.Cryptography.CryptographicException fault)
        {
            throw new ExpectedFaultException(
                $"The root key {root.Fingerprint} does not open this backup; it was made under "
                + $"{header.RootFingerprint}.",
                "Give the root key it was made under.", ExitCode.Configuration, fault);
        }

        await using var content = new OpeningStream(file, key, line);
        await Sections.ReadAsync(content, async (name, blocks) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (StoreCopy.IsTable(name))
            {
                await (table?.Invoke(name, blocks) ?? Task.CompletedTask);
                return;
            }

            // Two names only, so that no backup writes elsewhere.
            var target = name == StoreCopy.SqliteFile ? name : ErasureRegister.FileName + ".restored";
            await WriteAsync(Path.Combine(folder, target), blocks, cancellationToken);
        });
        if (content.ReadByte() >= 0)
        {
            throw new InvalidDataException("Something follows the last part of the backup.");
        }

        return header;
    }

    private static async Task WriteAsync(string path, Func<byte[]?> blocks, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        while (blocks() is { } block)
        {
            await file.WriteAsync(block, cancellationToken);
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>The register of the backup, the one here, and one given: an erasure in any of them is carried out
    /// again.</summary>
    private static void MergeRegister(string? given, VerbContext context)
    {
        var register = new ErasureRegister(Path.Combine(context.Settings.DataDir, "checkpoints"));
        var restored = Path.Combine(
            context.Settings.Store.Kind == StoreKind.Sqlite
                ? Path.GetDirectoryName(Path.GetFullPath(context.Settings.Store.Value)) ?? "."
                : context.Settings.DataDir,
            ErasureRegister.FileName + ".restored");
        register.Add(ErasureRegister.Read(restored));
        File.Delete(restored);
        if (given is not null)
        {
            register.Add(ErasureRegister.Read(given));
        }
    }

    /// <summary>Compares with the last checkpoint outside.</summary>
    /// <returns>Its file, when it shows that entries are lost; else null.</returns>
    private static async Task<string?> TellAsync(
        BackupHeader header, RestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        await context.Output.WriteLineAsync(
            $"Restored {header.Size} entries of {header.Log} from {header.Id}. "
            + "The search index is built anew at the next start; "
            + "erasures of the register are carried out again before it serves.");
        var outside = request.Checkpoint ?? ContinueBody.KeptCheckpoint(context);
        if (outside is null)
        {
            await context.Output.WriteLineAsync(
                "! No checkpoint from outside was given: compare with one before you rely on it (--against FILE).");
            return null;
        }

        var checkpoint = Checkpoint.Parse(SignedNote.Parse(await File.ReadAllTextAsync(outside, cancellationToken))
            .Text);
        if (checkpoint.Origin == header.Log && checkpoint.Size > header.Size)
        {
            await context.Output.WriteLineAsync(
                $"! The backup is older than {outside}: entries {header.Size} to {checkpoint.Size - 1} were signed "
                + "and are lost. "
                + "The server refuses to start on it, as on any log that was rolled back, until "
                + "`probity backup continue` states the loss under a new origin: see docs/runbooks/backup.md.");
            return outside;
        }

        await context.Output.WriteLineAsync(checkpoint.Origin == header.Log
            ? $"✓ {outside} is of size {checkpoint.Size}: nothing signed is missing."
            : $"! {outside} is of {checkpoint.Origin}, the backup of {header.Log}: it says nothing of this log. "
                + "Give the last checkpoint of that origin (--against FILE).");
        return null;
    }

    private static async Task<AuditReport> AuditAsync(
        string database, BackupHeader header, VerbContext context, CancellationToken cancellationToken)
    {
        await using var sqlite = new SqliteDatabase(database);
        await using var store = new SqliteLedgerStore(sqlite);
        var root = RootKeys.Find(context.Settings)
            ?? throw new ExpectedFaultException("The root key is not here.", "Set AUDIT_ENCRYPTION_KEY.");
        using var keys = await KeyRing.OpenExistingAsync(sqlite, root, TimeProvider.System, cancellationToken);
        using var signer = NoteSigner.FromSeed(header.Log, keys.Installation.LogSigning);
        var log = LogIdentity.Of(
            signer, await store.ReadContinuationsAsync(cancellationToken), keys.Installation.LogSigning);
        var stored = await StoredLog.OpenAsync(store, header.Log, cancellationToken);
        var report = await LogAuditor.AuditAsync(
            stored, new AuditOptions(log.Keys, [header.Checkpoint]) { Blobs = stored }, cancellationToken);
        SqliteConnection.ClearAllPools();
        return report;
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException($"The backup {path} cannot be read.", "Correct the path.", cause: fault);
        }
    }

    private static void MoveTo(string? path, VerbContext context, string? name)
    {
        if (path is not null && name is not null)
        {
            File.Move(Path.Combine(context.Settings.DataDir, "backups", name), path, overwrite: false);
        }
    }
}

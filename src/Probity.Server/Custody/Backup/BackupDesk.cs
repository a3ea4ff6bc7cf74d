using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Users;
using Probity.Server.AuditTrail;
using Probity.Server.Custody.Erasure;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Backup;

/// <summary>Makes backups while the server runs: encrypted, checkable, and without the root key. One at a
/// time.</summary>
internal sealed class BackupDesk(
    IDatabase database, LedgerRuntime runtime, Lazy<ILedgerWriter> ledger, ErasureRegister register,
        ProbitySettings settings,
    TimeProvider time) : IDisposable
{
    public const int DefaultKeepDays = 35;
    private const int MaxKeepDays = 3_650;

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Writes a backup. Durable, and recorded in the ledger, when the task completes.</summary>
    /// <param name="path">The file to make; null names one in the folder <c>backups</c> of the data folder.</param>
    /// <param name="keepDays">After how many days the file will have been deleted.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="entry">What the entry has in common with the request's others.</param>
    /// <param name="cancellationToken">Ends it; the unfinished file is removed.</param>
    public async Task<BackupSetRow> CreateAsync(
        string? path, int keepDays, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (keepDays is < 1 or > MaxKeepDays)
        {
            throw UserRefusal.Field("/keep_days", "Give 1 to 3,650 days.");
        }

        if (!await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, "A backup is being made.");
        }

        try
        {
            var now = time.GetUtcNow();
            var mark = RandomNumberGenerator.GetHexString(6, lowercase: true); // Two in a second are two files.
            path ??= Path.Combine(
                settings.DataDir,
                "backups",
                string.Create(CultureInfo.InvariantCulture, $"probity-{now:yyyyMMdd'T'HHmmss'Z'}-{mark}.backup"));
            var row = await WriteAsync(path, now, keepDays, caller, cancellationToken);
            await RecordAsync(row, entry, cancellationToken);
            return row;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The newest backups, at most 200.</summary>
    public async Task<IReadOnlyList<BackupSetRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<BackupSetRow>().AsNoTracking().OrderByDescending(b => b.CreatedAt).Take(200)
            .ToListAsync(cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private async Task RecordAsync(BackupSetRow row, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Add(row);
        work.Record(
            entry.Draft(
                CustodyEvents.BackedUp, "custody.backup.create", "sys_backup", null, ("backup", row.Id),
                    ("size", row.Size),
                ("root", row.Root), ("sha256", row.Sha256), ("expires_at", row.ExpiresAt)),
            row);
        await work.CommitAsync(cancellationToken);
    }

    private async Task<BackupSetRow> WriteAsync(
        string path, DateTimeOffset now, int keepDays, Caller caller, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))
            ?? throw new ArgumentException("A file has a folder.", nameof(path));
        PrivateFile.CreateFolder(folder);
        var unfinished = path + ".part";
        var id = AccessIds.New("bak_", now);
        CopiedHead? head = null;
        try
        {
            await using (var file = new FileStream(unfinished, Options()))
            {
                head = await SealAsync(file, folder, id, now, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: false);
        }
        finally
        {
            File.Delete(unfinished);
        }

        await using var made = File.OpenRead(path);
        return new BackupSetRow
        {
            Id = id,
            CreatedAt = now,
            Size = head.Size,
            Root = Convert.ToBase64String(head.Root),
            Bytes = made.Length,
            Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(made, cancellationToken)),
            Name = Path.GetFileName(path),
            ExpiresAt = now.AddDays(keepDays),
            CreatedBy = caller.PersonId ?? caller.Id,
        };
    }

    private async Task<CopiedHead> SealAsync(
        Stream file, string folder, string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = GC.AllocateArray<byte>(32, pinned: true);
        RandomNumberGenerator.Fill(key);
        var root = runtime.Keys.Root;
        SealingStream? content = null;
        CopiedHead? head = null;
        try
        {
            await StoreCopy.WriteAsync(
                database, folder,
                copied =>
                {
                    head = copied;
                    content = new SealingStream(file, key, SealedFile.HeaderLine(new BackupHeader(
                        SealedFile.Format, id, settings.Store.Kind == Hosting.Settings.Values.StoreKind.Sqlite
                            ? "sqlite" : "postgresql",
                        copied.Origin, copied.Size, copied.Checkpoint, now, root.Fingerprint,
                        Convert.ToBase64String(SealedFile.WrapKey(root, key, id)))));
                },
                (name, part, token) =>
                    Sections.WriteAsync(content ?? throw new InvalidOperationException("The head comes first."),
                    name, part, token),
                cancellationToken);
            return await EndAsync(content, head, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            if (content is not null)
            {
                await content.DisposeAsync();
            }
        }
    }

    private async Task<CopiedHead> EndAsync(SealingStream? content, CopiedHead? head,
        CancellationToken cancellationToken)
    {
        if (content is null || head is null)
        {
            throw new InvalidOperationException("The store gave no head.");
        }

        if (File.Exists(register.FilePath))
        {
            await using var erasures = File.OpenRead(register.FilePath);
            await Sections.WriteAsync(content, ErasureRegister.FileName, erasures, cancellationToken);
        }

        Sections.End(content);
        content.Finish();
        return head;
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 20 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}

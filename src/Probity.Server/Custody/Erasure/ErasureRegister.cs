using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.Hosting;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Erasure;

/// <summary>
/// The register of erasures outside the database, beside the kept checkpoint: one JSON object a line. A copy of the
/// database from before an erasure brings the wrapped key back; the register takes it away again before anything is
/// served. Names nobody. Thread safe.
/// </summary>
internal sealed class ErasureRegister(string folder)
{
    public const string FileName = "erasures.register";

    private readonly Lock _writing = new();

    public string FilePath => Path.Combine(folder, FileName);

    /// <summary>Adds an erasure; durable when it returns. Adding it twice does no harm.</summary>
    public void Add(ErasureRow row) => Add([new RegisteredErasure(
        row.Id, row.Subject, JsonSerializer.Deserialize<List<string>>(row.Keys ?? "[]") ?? [],
        row.DestroyedAt ?? throw new InvalidOperationException("A destroyed erasure has its time."),
            row.ExecutedEntry ?? "")]);

    /// <summary>Adds those that are not there yet.</summary>
    public void Add(IReadOnlyList<RegisteredErasure> erasures)
    {
        lock (_writing)
        {
            var known = Read(FilePath).Select(e => e.Erasure).ToHashSet(StringComparer.Ordinal);
            var fresh = erasures.Where(e => !known.Contains(e.Erasure)).ToList();
            if (fresh.Count == 0)
            {
                return;
            }

            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(FilePath, FileMode.Append, FileAccess.Write, FileShare.Read))
            {
                foreach (var erasure in fresh)
                {
                    stream.Write(JsonSerializer.SerializeToUtf8Bytes(erasure, s_json));
                    stream.WriteByte((byte)'\n');
                }

                stream.Flush(flushToDisk: true);
            }

            LibC.SyncFolder(folder);
        }
    }

    /// <summary>The register in a file; empty when there is none.</summary>
    /// <exception cref="InvalidDataException">A line is no entry of a register.</exception>
    public static IReadOnlyList<RegisteredErasure> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line =>
                JsonSerializer.Deserialize<RegisteredErasure>(line, s_json) ?? throw new JsonException())];
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path} is damaged: put a copy of the erasure register in its place.",
                fault);
        }
    }

    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <summary>One erasure as the register tells it.</summary>
/// <param name="Erasure">Its id.</param>
/// <param name="Subject">The digest of the person.</param>
/// <param name="Keys">The keys destroyed.</param>
/// <param name="At">When.</param>
/// <param name="Entry">The entry that says so.</param>
internal sealed record RegisteredErasure(
    string Erasure, string Subject, IReadOnlyList<string> Keys, DateTimeOffset At, string Entry);

/// <summary>Carries out the register again on a database that may be older than it.</summary>
internal sealed class ErasureReplay(IDatabase database, LedgerRuntime runtime, Lazy<ILedgerWriter> ledger,
    ErasureRegister register, TimeProvider time)
{
    /// <summary>Destroys every key that the register says is destroyed; returns how many erasures had to be done
    /// again.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var replayed = 0;
        foreach (var erasure in ErasureRegister.Read(register.FilePath))
        {
            replayed += await ReplayAsync(erasure, cancellationToken) ? 1 : 0;
        }

        if (replayed > 0)
        {
            await database.ScrubAsync(cancellationToken);
        }

        return replayed;
    }

    private async Task<bool> ReplayAsync(RegisteredErasure erasure, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        // Keys made after the erasure belong to what the person did later.
        var keys = await work.Db.Set<DataKeyRow>()
            .Where(k => k.Subject == erasure.Subject && k.State != DataKeyRow.Destroyed
            && k.CreatedAt <= erasure.At).ToListAsync(cancellationToken);
        if (keys.Count == 0)
        {
            return false;
        }

        foreach (var key in keys)
        {
            var tracked = work.Db.Entry(key);
            tracked.Property(k => k.Wrapped).CurrentValue = null;
            tracked.Property(k => k.State).CurrentValue = DataKeyRow.Destroyed;
        }

        work.Record(new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
            CustodyEvents.ErasureReplayed, "custody.erasure.replay", "privacy_erased", null,
                ("subject", erasure.Subject),
            ("erasure", erasure.Erasure), ("keys", keys.ConvertAll(k => k.Id)), ("erased_at", erasure.At),
                ("entry", erasure.Entry)));
        await work.CommitAsync(cancellationToken);
        runtime.Keys.ForgetSubject(erasure.Subject);
        return true;
    }
}

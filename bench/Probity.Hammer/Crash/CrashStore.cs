namespace Probity.Hammer.Crash;

/// <summary>What is killed in a round.</summary>
internal enum Victim
{
    Server,
    Database,
    Both,
}

/// <summary>The store under the server: SQLite dies with it, PostgreSQL also by itself.</summary>
internal sealed class CrashStore(PostgresServer? postgres) : IAsyncDisposable
{
    public PostgresServer? Postgres => postgres;

    public static async Task<CrashStore> CreateAsync(HammerOptions options) => options.Text("store") switch
    {
        null or "sqlite" => new CrashStore(null),
        "postgres" => new CrashStore(await PostgresServer.CreateAsync(options.Text("pg-bin"))),
        var other => throw new UsageException($"--store is sqlite or postgres, not '{other}'."),
    };

    public Victim VictimOf(int round) => postgres is null ? Victim.Server : (round % 3) switch
    {
        1 => Victim.Server,
        2 => Victim.Database,
        _ => Victim.Both,
    };

    /// <summary>The variables that point the server at the store.</summary>
    public IReadOnlyDictionary<string, string> Environment => postgres is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["AUDIT_DATABASE_URL"] = postgres.Url };

    public ValueTask DisposeAsync() => postgres?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Probity.Conformance;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;

namespace Probity.Server.Tests.Custody;

/// <summary>A data folder and a store of its own, worked on by verbs as an operator would, without a server.</summary>
internal sealed class Installation : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _database;

    private Installation(string? database)
    {
        _database = database;
        Settings = Read();
    }

    public string Folder => _folder.Path;

    public ProbitySettings Settings { get; private set; }

    /// <summary>What the verbs have printed.</summary>
    public StringWriter Output { get; } = new();

    public string OutsideFile => _folder.At("outside.checkpoint");

    /// <summary>An empty installation; skips the test where its store is missing.</summary>
    public static async Task<Installation> CreateAsync(string store, SharedPostgres postgres)
    {
        if (store == "sqlite")
        {
            return new Installation(null);
        }

        PostgresCluster.SkipIfMissing();
        var cluster = await postgres.GetAsync();
        return new Installation(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
    }

    /// <summary>Reads the settings again, as the next start does.</summary>
    public void Reread() => Settings = Read();

    public VerbContext Context() => new()
    {
        Settings = Settings,
        Warnings = [],
        IsJson = false,
        Output = Output,
        Error = Output,
    };

    public Task<LocalLedger> OpenAsync() => LocalLedger.OpenAsync(Context(), CancellationToken.None);

    /// <summary>Appends entries about people, and keeps the newest checkpoint outside.</summary>
    public async Task<LogHead> RecordAsync(int count)
    {
        await using var ledger = await OpenAsync();
        var writer = ledger.Services.GetRequiredService<ILedgerWriter>();
        for (var i = 0; i < count; i++)
        {
            await writer.AppendAsync(new AppendRequest([Entry($"c-{i}")]), CancellationToken.None);
        }

        var head = await ledger.Services.GetRequiredService<ILedgerStore>().ReadHeadAsync(CancellationToken.None);
        await File.WriteAllTextAsync(OutsideFile, head!.Checkpoint);
        return head;
    }

    /// <summary>Another node on the database of a server, with its keys.</summary>
    public static Installation Beside(CustodyServer server)
    {
        var node = new Installation(server.Database);
        node.TakeKeys(Path.Combine(server.Folder, "keys"));
        return node;
    }

    /// <summary>An event about a customer, as a client sends it.</summary>
    public static string EventJson(string customer) => $$"""
        {"action":"customer.update","actor":"u-1",
         "targets":[{"type":"customer","id":"{{customer}}","name":"N"}]}
        """;

    public static EntryDraft Entry(string customer) => new()
    {
        Id = Probity.Server.AuditTrail.Events.EntryIds.New(TimeProvider.System.GetUtcNow()),
        Type = "probity.test.done",
        Action = "customer.update",
        Actor = new EntryActor("user", "u-1") { Name = "Clerk" },
        Targets = [new EntryTarget("customer", customer) { Name = "Name of " + customer }],
    };

    /// <summary>Takes the keys of another installation, as `keys restore` does.</summary>
    public void TakeKeysOf(Installation other) => TakeKeys(other.Settings.KeysDir);

    /// <summary>Takes the keys in a folder.</summary>
    public void TakeKeys(string folder)
    {
        Directory.Delete(Settings.KeysDir, recursive: true);
        Directory.CreateDirectory(Settings.KeysDir);
        foreach (var file in Directory.GetFiles(folder))
        {
            File.Copy(file, Path.Combine(Settings.KeysDir, Path.GetFileName(file)));
        }

        Reread();
    }

    public void Dispose() => _folder.Dispose();

    private ProbitySettings Read() => Hosting.RunningServer.Settings(_folder.Path, _database);
}

/// <summary>The programs of this product as processes of their own.</summary>
internal static class Programs
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="dll">probity.dll or probity-verify.dll.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<(int Code, string Text)> RunAsync(
        string dll, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, dll), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("It did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(s_limit);
        await process.WaitForExitAsync().WaitAsync(s_limit);
        return (process.ExitCode, await output + errors);
    }

    public static Task<(int Code, string Text)> VerifyAsync(params string[] arguments) =>
        RunAsync("probity-verify.dll", null, arguments);
}

using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Exporting;
using Probity.Server.AuditTrail.Health;
using Probity.Server.AuditTrail.Indexing;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Schemas;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage.Followers;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.AuditTrail;

/// <summary>The log: append, query, proofs, checkpoints, verification.</summary>
internal static class AuditTrailModule
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    public static void AddAuditTrail(this IServiceCollection services, ProbitySettings settings)
    {
        AddStores(services, settings);
        services.AddSingleton<LedgerRuntime>();
        services.AddSingleton(sp => sp.GetRequiredService<LedgerRuntime>().Log);
        services.AddSingleton<IFieldCipher>(sp => sp.GetRequiredService<LedgerRuntime>().Keys);
        services.AddSingleton(sp => sp.GetRequiredService<LedgerRuntime>().Keys.Installation);
        services.AddSingleton(sp => new Sequencer(sp.GetRequiredService<LedgerRuntime>().Signer));
        services.AddSingleton(sp => new EventPreparer(
            sp.GetRequiredService<LogIdentity>().Origin,
            sp.GetRequiredService<LedgerRuntime>().SealingCipher,
            sp.GetRequiredService<TimeProvider>(),
            sp.GetRequiredService<LedgerRuntime>().Classes));
        services.AddSingleton(sp => new TextTokens(sp.GetRequiredService<InstallationKeys>().BlindIndex));
        services.AddSingleton<CommitSignal>();
        services.AddSingleton<LedgerMetrics>();
        services.AddSingleton<SchemaMetrics>();
        services.AddSingleton<VerificationState>();
        services.AddSingleton(sp => new LedgerWriter(
            sp.GetRequiredService<ILedgerStore>(), sp.GetRequiredService<Sequencer>(),
            sp.GetRequiredService<CommitSignal>(), sp.GetRequiredService<TimeProvider>(),
            sp.GetRequiredService<LedgerMetrics>(),
            sp.GetRequiredService<ILogger<LedgerWriter>>())
        {
            OnClassesChanged = sp.GetRequiredService<LedgerRuntime>().Classes.Refresh,
        });
        services.AddSingleton<ILedgerWriter, ModuleWriter>();
        services.AddSingleton(sp => new Lazy<ILedgerWriter>(sp.GetRequiredService<ILedgerWriter>));
        services.AddSingleton<LedgerReader>();
        services.AddSingleton<EntryOpener>();
        services.AddSingleton<EventFinder>();
        services.AddSingleton<SearchScrub>();
        services.AddSingleton<ReadRecorder>();
        services.AddSingleton<Idempotency>();
        services.AddSingleton(sp => ActivatorUtilities.CreateInstance<EventSchemas>(sp, settings.EventSchemas));
        services.AddSingleton(sp => ActivatorUtilities.CreateInstance<CheckpointKeeper>(
            sp, Path.Combine(settings.DataDir, "checkpoints")));
        services.AddSingleton<BackgroundVerifier>();
        services.AddSingleton<RowAudit>();
        AddEndpointServices(services);
        AddHostedServices(services);
        AddReadiness(services, settings);
        services.AddSingleton(new ProblemMap(Map));
    }

    private static void AddStores(IServiceCollection services, ProbitySettings settings)
    {
        if (settings.Store.Kind == StoreKind.Sqlite)
        {
            services.AddSingleton(_ => new SqliteDatabase(settings.Store.Value));
            services.AddSingleton<IDatabase>(sp => sp.GetRequiredService<SqliteDatabase>());
            services.AddSingleton<ILedgerStore, SqliteLedgerStore>();
            services.AddSingleton<ISearchIndex>(sp => new SqliteSearchIndex(
                Path.Combine(settings.DataDir, "search.db"), sp.GetRequiredService<TextTokens>()));
            return;
        }

        services.AddSingleton(_ => new PostgresDatabase(settings.Store.Value));
        services.AddSingleton<IDatabase>(sp => sp.GetRequiredService<PostgresDatabase>());
        services.AddSingleton<ILedgerStore, PostgresLedgerStore>();
        services.AddSingleton<ISearchIndex>(sp => new PostgresSearchIndex(
            sp.GetRequiredService<PostgresDatabase>().Source, sp.GetRequiredService<TextTokens>()));
    }

    private static void AddEndpointServices(IServiceCollection services)
    {
        services.AddSingleton<AppendEndpoints>();
        services.AddSingleton<IngestEndpoint>();
        services.AddSingleton<QueryEndpoints>();
        services.AddSingleton<LedgerEndpoints>();
        services.AddSingleton<VerifyEndpoint>();
        services.AddSingleton<EventExporter>();
        services.AddSingleton<ExportEndpoint>();
        services.AddSingleton<SchemaEndpoints>();
    }

    private static void AddHostedServices(IServiceCollection services)
    {
        services.AddHostedService(sp => sp.GetRequiredService<LedgerWriter>());
        services.AddHostedService(sp => sp.GetRequiredService<CheckpointKeeper>());
        services.AddSingleton<IFollower, SearchFollower>();
        services.AddSingleton<IFollowedLog, FollowedLedger>();
        services.AddSingleton<FollowerLoop>();
        services.AddSingleton<SearchLag>();
        services.AddHostedService(sp => sp.GetRequiredService<FollowerLoop>());
        services.AddHostedService(sp => sp.GetRequiredService<BackgroundVerifier>());
    }

    private static void AddReadiness(IServiceCollection services, ProbitySettings settings)
    {
        services.AddSingleton<IReadinessCheck, StoreReadiness>();
        services.AddSingleton<IReadinessCheck, SigningReadiness>();
        services.AddSingleton<IReadinessCheck, FollowerReadiness>();
        services.AddSingleton<IReadinessCheck, VerifierReadiness>();
        services.AddSingleton<IReadinessCheck>(new DiskReadiness(settings.DataDir));
    }

    /// <summary>Opens the log before the first request: keys, head, first entry, kept checkpoint.</summary>
    public static async Task PrepareAuditTrailAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var runtime = services.GetRequiredService<LedgerRuntime>();
        var head = await runtime.OpenAsync(cancellationToken);
        var writer = services.GetRequiredService<LedgerWriter>();
        await services.GetRequiredService<CheckpointKeeper>().CheckAsync(
            services.GetRequiredService<LedgerReader>(), head, runtime.Log, cancellationToken);
        await writer.StartAsync(cancellationToken);
        services.GetRequiredService<CommitSignal>().Publish(head);
        if (head.Size == 0)
        {
            var time = services.GetRequiredService<TimeProvider>();
            await services.GetRequiredService<ILedgerWriter>().AppendAsync(
                new Storage.Commits.AppendRequest(
                    [LedgerStart.FirstEntry(head.Origin, runtime.Log.Key, Hosting.ProductVersion.Current.Version, time.GetUtcNow())]),
                cancellationToken);
        }

        services.GetRequiredService<SearchLag>(); // From here on its figures are there to be scraped.
        await TellEncryptionAsync(services, cancellationToken);
    }

    /// <summary>From here on new events are stored in clear: that is a fact of the log, not only of its settings.</summary>
    private static async Task TellEncryptionAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<ProbitySettings>().EncryptionEnabled)
        {
            return;
        }

        services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AuditTrailModule)).EncryptionOff();
        var time = services.GetRequiredService<TimeProvider>();
        try
        {
            await services.GetRequiredService<ILedgerWriter>().AppendAsync(
                new Storage.Commits.AppendRequest([LedgerStart.EncryptionOff(time.GetUtcNow())]), cancellationToken);
        }
        catch (LedgerUnavailableException)
        {
            // A full disk must not keep the server from starting; it cannot record anything in clear either.
        }
    }

    private static MappedProblem? Map(Exception fault) => fault switch
    {
        JsonRefusedException json => Refused(json.Code, json.Pointer, $"{json.Message} (byte {json.ByteOffset})"),
        RefusedException refused => Refused(refused.Code, refused.Pointer, refused.Message),
        QueryRefusedException query => Refused(query.Code, "", query.Message),
        LedgerUnavailableException unavailable => new(
            Problem.Of(Known(unavailable.Code), unavailable.Message), s_retryAfter),
        DbException store => Map(LedgerUnavailable.From(store)),
        LedgerIndexLagException => new(
            Problem.Of(ErrorCodes.LedgerUnavailable, "The search index is behind; ask again."), s_retryAfter),
        // EF Core wraps what the driver throws.
        InvalidOperationException or DbUpdateException => LedgerUnavailable.Within(fault) is { } within ? Map(within) : null,
        _ => null,
    };

    private static MappedProblem Refused(string code, string pointer, string detail)
    {
        var known = Known(code);
        return pointer.Length == 0
            ? new(Problem.Of(known, detail))
            : new(Problem.Of(known, detail, [new ProblemFault(pointer, code, detail)]));
    }

    private static ErrorCode Known(string code) =>
        ErrorCodes.Find(code) ?? throw new InvalidOperationException($"{code} is not in the catalogue of error codes.");
}

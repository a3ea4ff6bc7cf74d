using Probity.Server.Access;
using Probity.Server.Access.Monitoring;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Health;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Cases;
using Probity.Server.Custody;
using Probity.Server.Custody.Cli;
using Probity.Server.Customers;
using Probity.Server.Customers.Import;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Startup;
using Probity.Server.Monitoring;
using Probity.Server.Monitoring.Backtest;
using Probity.Server.Monitoring.Import;
using Probity.Server.Monitoring.Replay;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Sample;
using Probity.Server.Screening;
using Probity.Server.Screening.Batch;
using Probity.Server.Screening.Configuration;
using Probity.Server.Screening.Effectiveness;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Screening.Replay;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;

namespace Probity.Server.Hosting;

/// <summary>The composition root: which module stands behind which seam.</summary>
internal static class Composition
{
    public static ServerModules Modules { get; } = new()
    {
        Add = static (services, settings) =>
        {
            services.AddAuditTrail(settings);
            services.AddHostedService<CollectorThreads>();
            services.AddSingleton<IApiKeyStore, ApiKeyStore>();
            services.AddReadingFollower();
            services.AddScreening(settings);
            services.AddListSweep();
            services.AddTransactionMonitoring();
            services.AddStepPacking();
            services.AddCustody(settings);
            services.AddCustomers();
            services.AddCases();
            services.AddContinuousScreening();
            services.AddDueDiligence();
            services.AddDueDiligenceDesks();
            services.AddSingleton<Customers.Ratings.IRatingSources, CustomerRatingSources>();
            services.AddSingleton<Monitoring.Decisions.IScreeningStates, ScreeningStates>();
        },
        Map = static (root, api) =>
        {
            AuditTrailEndpoints.MapAuditTrail(root, api);
            api.MapCustody();
            api.MapCustomers();
            api.MapCases();
            ListEndpoints.Map(api);
            MatchEndpoints.Map(api);
            api.MapTransactionMonitoring();
            HitEndpoints.Map(api);
            ConfigurationEndpoints.Map(api);
            EffectivenessEndpoints.Map(api);
        },
        AddOffline = static (services, settings) =>
        {
            services.AddCustody(settings);
            services.AddCustomers();
            services.AddDueDiligence();
            services.AddSingleton<Customers.Ratings.IRatingSources, StoredRatingSources>();
        },
        Prepare = PrepareAsync,
        Glance = GlanceAsync,
    };

    public static VerbBodies Bodies { get; } = new()
    {
        Modules = Modules,
        Migrate = MigrateBody.RunAsync,
        ImportEvents = ImportBody.RunAsync,
        VerifyLedger = VerifyBody.RunAsync,
        ExportLedger = ExportBody.RunAsync,
        PrintCheckpoint = CheckpointBody.RunAsync,
        Lists = ListsBody.RunAsync,
        ImportCustomers = CustomersBody.RunAsync,
        ReplayRatings = Customers.Ratings.ReplayRatingsBody.RunAsync,
        DraftScorecard = static (request, context, token) =>
            Customers.Ratings.ScorecardDraftBody.RunAsync(request, context, AddOfflineDesks, token),
        ImportTransactions = static (request, context, token) =>
            TransactionsBody.RunAsync(request, context, AddOfflineMonitoring, token),
        ImportRules = static (request, context, token) =>
            RuleImportBody.RunAsync(request, context, AddOfflineMonitoring, token),
        RebaseRules = static (request, context, token) =>
            RuleRebaseBody.RunAsync(request, context, AddOfflineMonitoring, token),
        MakeSample = static (request, context, token) => SampleBody.RunAsync(
            request, Bodies!, context, // It is set by the time a verb runs.
            DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), AddOfflineDesks, token),
        Screen = ScreenBody.RunAsync,
        ScreenPairs = ScreenPairsBody.RunAsync,
        ReplayScreening = ReplayBody.RunAsync,
        Backtest = BacktestBody.RunAsync,
        ReplayDecisions = ReplayDecisionsBody.RunAsync,
        RotateKeys = KeysBody.RotateAsync,
        RotateRoot = KeysBody.RotateRootAsync,
        BackUpKeys = KeysBody.BackUpAsync,
        RestoreKeys = KeysBody.RestoreAsync,
        CreateBackup = BackupBody.CreateAsync,
        VerifyBackup = BackupBody.VerifyAsync,
        RestoreBackup = BackupBody.RestoreAsync,
        ContinueLog = ContinueBody.RunAsync,
        CreateApproverKey = RecoveryBody.CreateKeyAsync,
        SignLoss = RecoveryBody.ConsentAsync,
        DoctorChecks = [new LedgerDoctorCheck()],
    };

    // What monitoring needs in a data folder without a server.
    private static void AddOfflineMonitoring(IServiceCollection services)
    {
        services.AddCases();
        services.AddTransactionMonitoring();
        services.AddMetrics();
        services.AddSingleton<Monitoring.Decisions.IScreeningStates, StoredScreeningStates>();
    }

    private static void AddOfflineDesks(IServiceCollection services)
    {
        AddOfflineMonitoring(services);
        services.AddDueDiligenceDesks();
    }

    private static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await MigrationPlan.ApplyAsync(services.GetRequiredService<IDatabase>(), cancellationToken);
        await AuditTrailModule.PrepareAuditTrailAsync(services, cancellationToken);
        await CustodyModule.PrepareCustodyAsync(services, cancellationToken);
        await AccessModule.PrepareAccessAsync(services, cancellationToken);
    }

    private static async Task<LedgerGlance> GlanceAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var head = await services.GetRequiredService<LedgerReader>().HeadAsync(cancellationToken);
        const string Tier = "signed; no outside witness yet";
        return services.GetRequiredService<LedgerWriter>().Stopped is { } reason
            ? new LedgerGlance(head.Size, "SIGNING STOPPED", Tier, $"nothing is recorded: {reason}")
            : new LedgerGlance(head.Size, "head OK", Tier);
    }
}

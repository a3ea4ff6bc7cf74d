using Probity.Contracts.Problems;
using Probity.Server.Access.Approvals;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Classification;
using Probity.Server.Custody.Erasure;
using Probity.Server.Custody.KeyCare;
using Probity.Server.Custody.Recovery;
using Probity.Server.Custody.Retention;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;

namespace Probity.Server.Custody;

/// <summary>How records are kept, for how long, and how they come back: keys, erasure, retention, holds,
/// backups.</summary>
internal static class CustodyModule
{
    public static void AddCustody(this IServiceCollection services, ProbitySettings settings)
    {
        services.AddSingleton<KeyDesk>();
        services.AddSingleton<RetentionPolicies>();
        services.AddSingleton<RetentionDesk>();
        services.AddSingleton<PurgeScan>();
        services.AddSingleton<PurgeDesk>();
        services.AddSingleton<PurgeSignal>();
        services.AddSingleton<PurgeRunner>();
        services.AddSingleton(sp => new Lazy<PurgeRunner>(sp.GetRequiredService<PurgeRunner>));
        services.AddSingleton<ErasureGrounds>();
        services.AddSingleton<ErasureDesk>();
        services.AddSingleton<ErasureSignal>();
        services.AddSingleton<ErasureFinish>();
        services.AddSingleton(sp => new Lazy<ErasureFinish>(sp.GetRequiredService<ErasureFinish>));
        services.AddSingleton(new ErasureRegister(Path.Combine(settings.DataDir, "checkpoints")));
        services.AddSingleton<ErasureReplay>();
        services.AddSingleton<BackupDesk>();
        services.AddSingleton<FieldClassDesk>();
        services.AddSingleton<RecoveryKeyDesk>();
        services.AddSingleton<IApprovedAction, SetRecoveryKeyAction>();
        services.AddSingleton<IApprovedAction, ChangeFieldClassAction>();
        services.AddSingleton<IApprovedAction, EraseAction>();
        services.AddSingleton<IApprovedAction, ChangeRetentionAction>();
        services.AddSingleton<IApprovedAction, PurgeAction>();
        services.AddHostedService<ErasureSweep>();
        services.AddHostedService<ErasedPersons>();
        services.AddHostedService<PurgeLoop>();
        services.AddSingleton(new ProblemMap(Map));
    }

    /// <summary>
    /// Before the first request: erasures of the register are carried out again on a store that is older than it, and
    /// the
    /// rest of an interrupted rotation is done.
    /// </summary>
    public static async Task PrepareCustodyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(CustodyModule));
        var replayed = await services.GetRequiredService<ErasureReplay>().RunAsync(cancellationToken);
        if (replayed > 0)
        {
            log.ErasuresReplayed(replayed);
        }

        var keys = services.GetRequiredService<KeyDesk>();
        if (await keys.IsUnfinishedAsync(cancellationToken))
        {
            await keys.FinishAsync(cancellationToken);
            log.RotationFinished();
        }
    }

    private static MappedProblem? Map(Exception fault) =>
        fault is StorageException { Code: "keys.rotation_raced" } raced
            ? new MappedProblem(Problem.Of(ErrorCodes.KeysRotationRaced, raced.Message))
            : null;
}

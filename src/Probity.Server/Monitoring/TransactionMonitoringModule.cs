using Probity.Contracts.Problems;
using Probity.Server.Access.Approvals;
using Probity.Server.Cases;
using Probity.Server.Custody.Erasure;
using Probity.Server.Customers;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Messages;
using Probity.Server.Monitoring.Packs;
using Probity.Server.Monitoring.Pages;
using Probity.Server.Monitoring.Replay;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring;

/// <summary>What monitoring of transactions is made of.</summary>
internal static class TransactionMonitoringModule
{
    public static IServiceCollection AddTransactionMonitoring(this IServiceCollection services)
    {
        services.AddSingleton<StepReader>();
        services.AddSingleton<PackSeal>();
        services.AddSingleton<StepPacks>();
        services.AddSingleton<RuleLibrary>();
        services.AddSingleton<RuleSeed>();
        services.AddSingleton<DecisionMetrics>();
        services.AddSingleton<RegisteredParties>();
        services.AddSingleton<IPartyFactSource>(sp => sp.GetRequiredService<RegisteredParties>());
        services.AddSingleton<ICustomerWatch>(sp => sp.GetRequiredService<RegisteredParties>());
        services.AddSingleton<DecisionDesk>();
        services.AddSingleton<TransactionLibrary>();
        services.AddSingleton<AccountOwners>();
        services.AddSingleton<MessageDesk>();
        services.AddSingleton<IngestLine>();
        services.AddSingleton<TransactionIngest>();
        services.AddSingleton(sp => new Lazy<Access.Approval.IApprovalGate>(
            sp.GetRequiredService<Access.Approval.IApprovalGate>));
        services.AddSingleton<HeldRules>();
        services.AddSingleton<RuleDesk>();
        services.AddSingleton<RebaseDesk>();
        services.AddSingleton<RuleYields>();
        services.AddSingleton<RuleBook>();
        services.AddSingleton<CustomerActivity>();
        services.AddSingleton<IAlertPlace, DecisionPlace>();
        services.AddSingleton<ICustomerPanel>(new CustomerPanel(20, typeof(ActivityPanel)));
        services.AddSingleton(sp => new Lazy<RuleDesk>(sp.GetRequiredService<RuleDesk>));
        services.AddSingleton<RuleSweep>();
        services.AddSingleton(sp => new Lazy<RuleSweep>(sp.GetRequiredService<RuleSweep>));
        services.AddSingleton<IApprovedAction, ActivateRulesAction>();
        services.AddHostedService(static sp => sp.GetRequiredService<DecisionDesk>());
        services.AddSingleton<FloodGuard>();
        services.AddHostedService(static sp => sp.GetRequiredService<RuleSweep>());
        services.AddHostedService(static sp => sp.GetRequiredService<FloodGuard>());
        services.AddSingleton(new ProblemMap(Map));
        return services;
    }

    /// <summary>Packs steps for the next start and opens customers ahead; for a server.</summary>
    public static void AddStepPacking(this IServiceCollection services)
    {
        services.AddSingleton<PackFollower>();
        services.AddSingleton<PackLoop>();
        services.AddHostedService(static sp => sp.GetRequiredService<PackLoop>());
        services.AddHostedService<PartyWarming>();
        services.AddSingleton<IErasureStep, PackErasure>();
    }

    public static void MapTransactionMonitoring(this IEndpointRouteBuilder api)
    {
        TransactionEndpoints.Map(api);
        MessageEndpoints.Map(api);
        RuleEndpoints.Map(api);
        ReplayEndpoints.Map(api);
    }

    private static MappedProblem? Map(Exception fault) =>
        fault is StorageException { Code: "monitoring.content_damaged" } damaged
            ? new MappedProblem(Problem.Of(ErrorCodes.MonitoringContentDamaged, damaged.Message))
            : null;
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Probity.Server.Access.Approval;
using Probity.Server.AuditTrail.Reading;

namespace Probity.Server.Access.Approvals;

/// <summary>What approvals are made of. A module adds an <see cref="IApprovedAction"/> and, if it is new, an <see cref="ApprovalAction"/>.</summary>
internal static class ApprovalModule
{
    public static void AddApprovals(this IServiceCollection services)
    {
        services.TryAddSingleton(sp => new Lazy<EventFinder>(sp.GetRequiredService<EventFinder>));
        services.AddSingleton(sp => new Lazy<ApprovalDesk>(sp.GetRequiredService<ApprovalDesk>));
        services.AddSingleton(sp => new Lazy<IEnumerable<IApprovedAction>>(sp.GetServices<IApprovedAction>));
        services.AddSingleton<ApprovalPolicies>();
        services.AddSingleton<MakerCheck>();
        services.AddSingleton<ApprovalDesk>();
        services.AddSingleton<ApprovalInbox>();
        services.AddSingleton<PolicyDesk>();
        services.AddSingleton<IApprovedAction, GiveGrantAction>();
        services.AddSingleton<IApprovedAction, EditRoleAction>();
        services.AddSingleton<IApprovedAction, CreateRoleAction>();
        services.AddSingleton<IApprovedAction, SetPolicyAction>();
        services.AddHostedService<ApprovalSweep>();
        services.AddSingleton<IApprovalGate, ApprovalGate>();
    }
}

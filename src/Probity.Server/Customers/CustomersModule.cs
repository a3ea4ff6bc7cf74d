using Probity.Server.Custody.Erasure;
using Probity.Contracts.Problems;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Customers.Import;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Pages;
using Probity.Server.Customers.Ratings;
using Probity.Server.Customers.Reviews;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;

namespace Probity.Server.Customers;

/// <summary>People and organisations the institution deals with.</summary>
internal static class CustomersModule
{
    public static void AddCustomers(this IServiceCollection services)
    {
        services.AddSingleton<CustomerSeal>();
        services.AddSingleton<CustomerWords>();
        services.AddSingleton<CustomerRegister>();
        services.AddSingleton<CustomerDesk>();
        services.AddSingleton<CustomerImport>();
        services.AddSingleton<IErasureStep, CustomerErasure>();
        services.AddSingleton(sp => new Lazy<IEnumerable<ICustomerWatch>>(sp.GetServices<ICustomerWatch>));
    }

    /// <summary>
    /// What follows from customers: ratings, reviews, owners, checks. Added after every module whose findings a rating
    /// counts, so that in one commit it sees them; an <see cref="IRatingSources"/> stands beside it.
    /// </summary>
    public static void AddDueDiligence(this IServiceCollection services)
    {
        services.AddSingleton(sp => new DueDays(
            sp.GetRequiredService<ProbitySettings>().TimeZone, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Scorecards>();
        services.AddSingleton<OwnershipReader>();
        services.AddSingleton<RatingFactSource>();
        services.AddSingleton<CustomerStanding>();
        services.AddSingleton<ICustomerWatch>(sp => sp.GetRequiredService<CustomerStanding>());
    }

    /// <summary>What people do about it, and what runs by itself: a server has it, a verb does not.</summary>
    public static void AddDueDiligenceDesks(this IServiceCollection services)
    {
        services.AddSingleton(sp => new Lazy<EntryOpener>(sp.GetRequiredService<EntryOpener>));
        services.AddSingleton<RatingArchive>();
        services.AddSingleton<ScorecardDesk>();
        services.AddSingleton(sp => new Lazy<ScorecardDesk>(sp.GetRequiredService<ScorecardDesk>));
        services.AddSingleton<IApprovedAction, ActivateScorecardAction>();
        services.AddSingleton<OverrideDesk>();
        services.AddSingleton(sp => new Lazy<OverrideDesk>(sp.GetRequiredService<OverrideDesk>));
        services.AddSingleton<IApprovedAction, OverrideRatingAction>();
        services.AddSingleton<ReviewDesk>();
        services.AddSingleton<LinkDesk>();
        services.AddSingleton<CheckDesk>();
        services.AddSingleton(sp => new Lazy<CheckDesk>(sp.GetRequiredService<CheckDesk>));
        services.AddSingleton<IApprovedAction, AgreeCheckAction>();
        services.AddSingleton<ICustomerPanel>(new CustomerPanel(2, typeof(RatingSection)));
        services.AddSingleton<ICustomerPanel>(new CustomerPanel(4, typeof(DiligenceSection)));
        services.AddSingleton<ICustomerPanel>(new CustomerPanel(6, typeof(OwnersSection)));
        services.AddSingleton<RatingSweep>();
        services.AddHostedService(sp => sp.GetRequiredService<RatingSweep>());
        services.AddSingleton(new ProblemMap(Map));
    }

    private static MappedProblem? Map(Exception fault) =>
        fault is StorageException { Code: "customers.scorecard_damaged" } damaged
            ? new MappedProblem(Problem.Of(ErrorCodes.CustomersScorecardDamaged, damaged.Message))
            : null;
}

using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring.Pack;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// What a set was drawn from. A set holds all rules and not only what is new in it, so one that was drawn from another
/// set than the one that is live would take back what changed since, and nobody would have agreed to that.
/// </summary>
internal static class RuleLineage
{
    /// <summary>What a draft was drawn from while no set had gone live yet: the rules that ship.</summary>
    public const string Shipped = "shipped";

    /// <summary>The set that judges now; null while none ever did.</summary>
    public static Task<string?> LiveAsync(ProbityDb db, CancellationToken cancellationToken) =>
        db.Set<StepRow>().AsNoTracking().Where(step => step.Kind == StepRow.Rules)
            .OrderByDescending(step => step.Number).Select(step => step.RuleSetId)
            .FirstOrDefaultAsync(cancellationToken);

    /// <summary>The set that is live where the one asked about was drawn from another one; null where it was not, or
    /// was drawn from none.</summary>
    /// <param name="db">The context.</param>
    /// <param name="row">The set; one that was live is gone back to on purpose, so it is never behind until that is
    /// agreed to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<string?> BehindAsync(ProbityDb db, RuleSetRow row, CancellationToken cancellationToken)
    {
        if (row.BaseId is null || row.Status == RuleSetRow.Active
            || await LiveAsync(db, cancellationToken) is not { } live || live == row.BaseId)
        {
            return null;
        }

        return row.BaseId == Shipped && await IsShippedAsync(db, live, cancellationToken) ? null : live;
    }

    /// <exception cref="ProblemException">monitoring.rule_set_stale: says what it was drawn from and what is
    /// live.</exception>
    public static async Task CheckAsync(ProbityDb db, RuleSetRow row, CancellationToken cancellationToken)
    {
        if (await BehindAsync(db, row, cancellationToken) is { } live)
        {
            throw new ProblemException(
                ErrorCodes.MonitoringRuleSetStale,
                $"It was drawn from {row.BaseId}, and {live} is live since: it would take back what changed there. "
                + $"Rebase it with POST /api/v1/monitoring/rule-sets/{row.Id}:rebase.");
        }
    }

    private static Task<bool> IsShippedAsync(ProbityDb db, string live, CancellationToken cancellationToken)
    {
        var digest = RulePack.Compile(RulePack.Book()).Digest;
        return db.Set<RuleSetRow>().AsNoTracking().AnyAsync(
            row => row.Id == live && row.Digest == digest, cancellationToken);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// Refuses to save a changed audited entity that no entry of the running unit of work stands for: no state change
/// without an entry, whatever path the code took.
/// </summary>
internal sealed class UnauditedChangeInterceptor : SaveChangesInterceptor
{
    public static readonly UnauditedChangeInterceptor Instance = new();

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Check(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Check(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private static void Check(DbContext? context)
    {
        if (context is not ProbityDb db)
        {
            return;
        }

        foreach (var entry in AuditedChanges.In(db))
        {
            if (db.Allowed is null || !db.Allowed.Covers(entry))
            {
                throw UnauditedChange.Of(entry);
            }
        }
    }
}

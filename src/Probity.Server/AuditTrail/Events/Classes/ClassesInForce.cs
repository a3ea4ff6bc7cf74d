using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// The classes this process seals under. They may be older than those of the store for a moment: the commit compares
/// the version under the head's lock and refuses what was sealed under another, so no entry after a change is kept in
/// the way before it. Thread safe.
/// </summary>
internal sealed class ClassesInForce(IDatabase database, Func<byte[]> hashKey)
{
    private MemberClasses _current = MemberClasses.Default;

    public MemberClasses Current => Volatile.Read(ref _current);

    /// <summary>Reads them from the store; blocking, since a change is rare and the commit that met it waits.</summary>
    public void Refresh()
    {
        using var db = database.CreateContext();
        var rows = db.Set<FieldClassRow>().AsNoTracking().OrderBy(row => row.Version).ToList();
        var read = Of(rows, hashKey());
        if (read.Version >= Current.Version)
        {
            Volatile.Write(ref _current, read);
        }
    }

    /// <summary>What rows put in force together.</summary>
    /// <param name="rows">All of them, ascending by version.</param>
    /// <param name="hashKey">The installation's key.</param>
    public static MemberClasses Of(IReadOnlyList<FieldClassRow> rows, byte[] hashKey)
    {
        var rules = new Dictionary<string, ClassRule>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (ClassRule.Read(row.Class) is { } known)
            {
                rules[row.Pointer] = new ClassRule(row.Pointer, known);
            }
            else
            {
                rules.Remove(row.Pointer);
            }
        }

        return rows.Count == 0 ? MemberClasses.Default : MemberClasses.Of(rows[^1].Version, rules.Values, hashKey);
    }
}

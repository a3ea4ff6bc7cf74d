using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access.Roles;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Approvals;

/// <summary>
/// Maker is never checker: not the same caller, not the same person behind another credential, not a key the maker made,
/// and not a person whom only a role approves that the maker gave or widened after the request or within a day.
/// </summary>
internal sealed class MakerCheck(Lazy<EventFinder> entries, TimeProvider time)
{
    /// <summary>How long a role someone gave does not let its holder approve for the giver.</summary>
    public static readonly TimeSpan Cooling = TimeSpan.FromHours(24);

    /// <summary>Whether the caller is the one who asked, under whatever credential.</summary>
    public static bool IsMaker(ApprovalRow row, Caller caller) =>
        caller.Id == row.MakerId || (row.MakerPerson is not null && caller.PersonId == row.MakerPerson);

    /// <exception cref="ProblemException">access.maker_is_checker, access.approver_not_a_person, access.forbidden.</exception>
    public async Task CheckAsync(
        ProbityDb db, ApprovalRow row, string permission, Caller caller, CancellationToken cancellationToken)
    {
        if (IsMaker(row, caller))
        {
            throw Refused("You asked for this yourself, with this or another credential.");
        }

        var makers = await CallersOfMakerAsync(db, row, cancellationToken);
        if (caller.Kind == CallerKind.ApiKey && await WasMadeByAsync<ApiKeyRow>(db, k => k.Id == caller.Id, makers, cancellationToken))
        {
            throw Refused("The key was created by whoever asked for this.");
        }

        if (caller.PersonId is not { } person)
        {
            throw new ProblemException(ErrorCodes.AccessApproverNotAPerson);
        }

        if (!caller.Has(permission) || !caller.Has(row.CheckerPermission))
        {
            throw new ProblemException(ErrorCodes.AccessForbidden, $"The permission {permission} is needed.");
        }

        if (!await HoldsIndependentlyAsync(db, row, person, permission, makers, cancellationToken))
        {
            throw Refused("The role with which you would approve was given or widened by whoever asked for this, too recently.");
        }
    }

    /// <summary>Whether <see cref="CheckAsync"/> would let the caller decide.</summary>
    public async Task<bool> AllowsAsync(
        ProbityDb db, ApprovalRow row, string permission, Caller caller, CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(db, row, permission, caller, cancellationToken);
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static ProblemException Refused(string detail) => new(ErrorCodes.AccessMakerIsChecker, detail);

    /// <summary>Everything the maker acts as: the caller, the person, the person's keys.</summary>
    private static async Task<HashSet<string>> CallersOfMakerAsync(ProbityDb db, ApprovalRow row, CancellationToken cancellationToken)
    {
        var makers = new HashSet<string>(StringComparer.Ordinal) { row.MakerId };
        if (row.MakerPerson is { } person)
        {
            makers.Add(person);
            makers.UnionWith(await db.Set<ApiKeyRow>().AsNoTracking()
                .Where(k => k.OwnerId == person).Select(k => k.Id).ToListAsync(cancellationToken));
        }

        return makers;
    }

    private async Task<bool> HoldsIndependentlyAsync(
        ProbityDb db, ApprovalRow row, string person, string permission, HashSet<string> makers, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = row.CreatedAt < now - Cooling ? row.CreatedAt : now - Cooling;
        var held = await db.Set<RoleGrantRow>().AsNoTracking().Where(g => g.UserId == person && g.RevokedAt == null)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id,
                (g, r) => new { Grant = g, Role = r, RoleEntry = EF.Property<string>(r, AuditDeclarations.EntryId) })
            .ToListAsync(cancellationToken);
        foreach (var one in held.Where(h => h.Grant.IsInForce(now) && h.Role.PermissionNames.Contains(permission)))
        {
            var gaveIt = makers.Contains(one.Grant.GrantedBy) && one.Grant.GrantedAt >= since;
            if (!gaveIt && !await MadeSinceAsync(one.RoleEntry, since, makers, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> WasMadeByAsync<T>(
        ProbityDb db, System.Linq.Expressions.Expression<Func<T, bool>> which, HashSet<string> makers, CancellationToken cancellationToken)
        where T : class
    {
        var entry = await db.Set<T>().AsNoTracking().Where(which)
            .Select(r => EF.Property<string>(r, AuditDeclarations.EntryId)).SingleOrDefaultAsync(cancellationToken);
        return entry is not null && await MadeSinceAsync(entry, DateTimeOffset.MinValue, makers, cancellationToken);
    }

    /// <summary>Whether one of the maker's callers wrote an entry, no earlier than an instant.</summary>
    private async Task<bool> MadeSinceAsync(string entryId, DateTimeOffset since, HashSet<string> makers, CancellationToken cancellationToken)
    {
        if (At(entryId) < since)
        {
            return false;
        }

        var found = await entries.Value.FindAsync(entryId, cancellationToken);
        return JsonNode.Parse(found.Body.Span)?["actor"]?["id"]?.GetValue<string>() is { } author && makers.Contains(author);
    }

    /// <summary>When an entry id was made: its UUIDv7 says so to the millisecond.</summary>
    private static DateTimeOffset At(string entryId)
    {
        var hex = entryId.Replace("-", "", StringComparison.Ordinal)["evt_".Length..][..12];
        return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(hex, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture));
    }
}

using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Users;
using Probity.Server.AuditTrail.Query;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Access.Monitoring;

/// <summary>Who looked at whom, what was found, and which relations people have.</summary>
internal sealed class AccessViews(IDatabase database, Lazy<ILedgerWriter> ledger, SubjectDigest digest, TimeProvider time)
{
    public const string RelationAdded = "probity.access.relation_added";
    public const string RelationRemoved = "probity.access.relation_removed";
    private const int MaxSubject = 2_048;
    private const int MaxRelations = 500;

    /// <summary>Who looked at a subject, newest first.</summary>
    public async Task<AccessViewList> ListAsync(string? subject, int? pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var of = digest.Of(CheckSubject(subject));
        var size = Math.Min(PageSizes.Coerce(pageSize), 200);
        var before = Before(pageToken);
        await using var db = database.CreateContext();
        var asOf = await db.Set<FollowerCursorRow>().AsNoTracking().Where(c => c.Name == "access").Select(c => c.NextSeq)
            .SingleOrDefaultAsync(cancellationToken);
        var rows = await db.Set<AccessViewRow>().AsNoTracking().Where(v => v.Subject == of && v.Seq < before)
            .OrderByDescending(v => v.Seq).Take(size + 1).ToListAsync(cancellationToken);
        return new AccessViewList(
            [.. rows.Take(size).Select(v => new AccessView(v.Seq, v.EntryId, v.Type, v.ActorType, v.ActorId, v.Person, v.At))],
            asOf,
            rows.Count > size ? rows[size - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }

    public string DigestOf(string? subject) => digest.Of(CheckSubject(subject));

    /// <summary>Findings, newest first.</summary>
    public async Task<AccessFindingList> FindingsAsync(
        string? person, string? kind, int? pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var size = Math.Min(PageSizes.Coerce(pageSize), 200);
        if (!string.IsNullOrEmpty(pageToken) && !pageToken.StartsWith("fnd_", StringComparison.Ordinal))
        {
            throw new ProblemException(ErrorCodes.QueryPageTokenInvalid);
        }

        await using var db = database.CreateContext();
        var query = db.Set<AccessFindingRow>().AsNoTracking()
            .Where(f => (person == null || f.Person == person) && (kind == null || f.Kind == kind));
        if (!string.IsNullOrEmpty(pageToken))
        {
            query = query.Where(f => string.Compare(f.Id, pageToken) < 0);
        }

        var rows = await query.OrderByDescending(f => f.Id).Take(size + 1).ToListAsync(cancellationToken);
        return new AccessFindingList([.. rows.Take(size).Select(View)], rows.Count > size ? rows[size - 1].Id : null);
    }

    public async Task<RelationList> RelationsAsync(string? userId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<AccessRelationRow>().AsNoTracking().Where(r => r.Person == userId).OrderBy(r => r.Id).ToListAsync(cancellationToken);
        return new RelationList([.. rows.Select(View)]);
    }

    public async Task<RelationView> AddAsync(AddRelation request, CreationRow? creation, AccessEntry entry, CancellationToken cancellationToken)
    {
        var subject = digest.Of(CheckSubject(request.Subject));
        if (request.Kind is not ("self" or "relative" or "own_account"))
        {
            throw UserRefusal.Field("/kind", "Give self, relative or own_account.");
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        if (!await work.Db.Set<UserRow>().AnyAsync(u => u.Id == request.UserId, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.AccessUserNotFound);
        }

        if (await work.Db.Set<AccessRelationRow>().CountAsync(r => r.Person == request.UserId, cancellationToken) >= MaxRelations)
        {
            throw UserRefusal.Field("/user_id", "A user has 500 relations at most.");
        }

        var row = new AccessRelationRow
        {
            Id = AccessIds.New("rel_", time.GetUtcNow()),
            Person = request.UserId,
            Subject = subject,
            Kind = request.Kind,
            CreatedAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(entry.Draft(RelationAdded, "access.relation.add", "user_updated", new EntryTarget("user", row.Person), ("kind", row.Kind)), row);
        creation?.Use(work, row.Id);
        await work.CommitAsync(cancellationToken);
        return View(row);
    }

    public async Task RemoveAsync(string id, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<AccessRelationRow>().SingleOrDefaultAsync(r => r.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.AccessRelationNotFound);
        work.Remove(row);
        work.Record(entry.Draft(RelationRemoved, "access.relation.remove", "user_updated", new EntryTarget("user", row.Person), ("kind", row.Kind)), row);
        await work.CommitAsync(cancellationToken);
    }

    private static RelationView View(AccessRelationRow row) => new(row.Id, row.Person, row.Kind, row.CreatedAt);

    private static AccessFinding View(AccessFindingRow row) => new()
    {
        Id = row.Id,
        Kind = row.Kind,
        PersonId = row.Person,
        At = row.At,
        Seq = row.Seq < 0 ? null : row.Seq,
        Observed = row.Observed,
        Threshold = row.Threshold,
        About = row.About,
    };

    private static string CheckSubject(string? subject) => subject is { Length: > 0 and <= MaxSubject }
        ? subject
        : throw new ProblemException(ErrorCodes.QueryBadValue, "Give subject, the id of whom was looked at.");

    private static long Before(string? pageToken) => string.IsNullOrEmpty(pageToken) ? long.MaxValue
        : long.TryParse(pageToken, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
        : throw new ProblemException(ErrorCodes.QueryPageTokenInvalid);
}

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Access.Roles;
using Probity.Server.Screening.Lists;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>A server with an administrator, ana, and two more people whose roles nobody of the tests gave.</summary>
public class ApprovalServer : AccessServer
{
    private int _made;

    internal override void Adapt(IServiceCollection services)
    {
    }

    /// <summary>An id or login nobody has yet.</summary>
    public string NewName(string start) => $"{start}{Interlocked.Increment(ref _made)}";

    /// <summary>A new person who holds roles given by <paramref name="grantedBy"/>, the server when left out.</summary>
    public async Task<(string Id, string Login)> PersonAsync(Browser administrator, string[] roles, string grantedBy = "probity")
    {
        var login = NewName("person");
        var id = await InviteAsync(administrator, login);
        foreach (var role in roles)
        {
            await GrantAsync(id, role, grantedBy);
        }

        return (id, login);
    }

    /// <summary>Gives a role without asking the gate, now.</summary>
    public async Task GrantAsync(string userId, string role, string grantedBy)
    {
        await using var work = new UnitOfWork(
            Services.GetRequiredService<IDatabase>(), Services.GetRequiredService<ILedgerWriter>());
        var row = new RoleGrantRow
        {
            Id = AccessIds.New(AccessIds.Grant, Clock.GetUtcNow()),
            UserId = userId,
            RoleId = "rol_" + role,
            Scope = "*",
            Source = "person",
            GrantedBy = grantedBy,
            GrantedAt = Clock.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), null, Clock).Draft(
                AccessEvents.GrantGiven, "access.grant.give", "privilege_permissions_changed", new EntryTarget("user", userId)),
            row);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>Makes a loaded version of a list live in the store; nobody is asked.</summary>
    public async Task ActivateAsync(string list, string versionId)
    {
        await Services.GetRequiredService<ListDesk>().ActivateAsync(
            list, versionId, "a test", new AccessEntry(Caller.Server.ToActor(), null, Clock), CancellationToken.None);
        await Services.GetRequiredService<ActiveLists>().RefreshAsync(CancellationToken.None);
    }

    /// <summary>Asks, as an administrator, for a role for someone new; the approval as told.</summary>
    public async Task<System.Text.Json.Nodes.JsonNode> AskAsync(Browser maker, string? forUser = null, string role = "rol_analyst")
    {
        var user = forUser ?? await InviteAsync(maker, NewName("joiner"));
        var asked = await maker.PostAsync("/api/v1/grants", new { user_id = user, role_id = role, reason = "joins the team" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        var approval = await maker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}");
        Assert.True(approval.Status == HttpStatusCode.OK, approval.Text);
        return approval.Json;
    }

    public static Task<Answer> ApproveAsync(Browser checker, System.Text.Json.Nodes.JsonNode approval, string reason = "checked") =>
        checker.PostAsync(
            $"/api/v1/approvals/{approval["id"]}:approve", new { payload_sha256 = approval["payload_sha256"]!.GetValue<string>(), reason });

    internal async Task<T> ReadAsync<T>(Func<ProbityDb, Task<T>> read)
    {
        await using var db = Services.GetRequiredService<IDatabase>().CreateContext();
        return await read(db);
    }

    /// <summary>Changes rows behind the program's back.</summary>
    internal Task TamperAsync(string sql) => Services.GetRequiredService<IDatabase>().WriteAsync(
        async (connection, transaction, token) =>
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // A test's own text.
            command.CommandText = sql;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(token);
        },
        CancellationToken.None);
}

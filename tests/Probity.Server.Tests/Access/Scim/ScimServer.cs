using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access.Scim;

/// <summary>A server with a SCIM client that carries a key for provisioning alone.</summary>
public sealed class ScimServer : AccessServer
{
    private int _made;

    public HttpClient Client { get; } = new();

    public Task<Answer> GetAsync(string path, params (string, string)[] headers) =>
        SendAsync(Client, HttpMethod.Get, "/scim/v2" + path, null, headers);

    public Task<Answer> PostAsync(string path, object body) =>
        SendAsync(Client, HttpMethod.Post, "/scim/v2" + path, body);

    public Task<Answer> PutAsync(string path, object body, params (string, string)[] headers) =>
        SendAsync(Client, HttpMethod.Put, "/scim/v2" + path, body, headers);

    public Task<Answer> DeleteAsync(string path, params (string, string)[] headers) =>
        SendAsync(Client, HttpMethod.Delete, "/scim/v2" + path, null, headers);

    /// <summary>One PATCH with these operations.</summary>
    public Task<Answer> PatchAsync(string path, params object[] operations) => SendAsync(
        Client, HttpMethod.Patch, "/scim/v2" + path,
        new { schemas = (string[])["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations = operations });

    /// <summary>A name nobody has yet.</summary>
    public string NewName(string start) => $"{start}{Interlocked.Increment(ref _made)}";

    public async Task<JsonNode> UserAsync(string? login = null, string? externalId = null)
    {
        var made =
            await PostAsync("/Users",
            new { userName = login ?? NewName("scim"), externalId, displayName = "Made By Scim" });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json;
    }

    public async Task<JsonNode> GroupAsync(string name, params string[] members)
    {
        var made =
            await PostAsync("/Groups", new { displayName = name, members = members.Select(m => new { value = m }) });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json;
    }

    /// <summary>
    /// Someone provisioned who has signed in: by an invitation, since a provider is not what is tested here.
    /// </summary>
    public async Task<(string Id, Browser Browser)> SignedInAsync()
    {
        var user = await UserAsync();
        var id = user["id"]!.GetValue<string>();
        using var ana = await SignInAsync();
        var reset = await ana.PostAsync($"/api/v1/users/{id}:reset");
        using var client = NewClient();
        var set =
            await SendAsync(client, HttpMethod.Post, "/api/v1/password",
            new { invitation = reset.Json["invitation"]!.GetValue<string>(), password = Password });
        Assert.True(set.Status == HttpStatusCode.NoContent, set.Text);
        return (id, await SignInAsync(user["userName"]!.GetValue<string>()));
    }

    internal override ProbitySettings Configure(ProbitySettings settings) =>
        settings with { GroupRoles = GroupRoleMap.Read("aml=analyst;boss=compliance_officer").Value! };

    protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        var issuer = Services.GetRequiredService<ApiKeyIssuer>();
        var (_, secret) = await issuer.IssueAsync(
            new KeyOrder("directory", "IT", [Permission.ManageProvisioning]), Caller.Server, CancellationToken.None);
        Client.BaseAddress = Url;
        Client.DefaultRequestHeaders.Authorization = new("Bearer", secret.Reveal());
    }
}

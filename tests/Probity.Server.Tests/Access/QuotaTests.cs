using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Probity.Server.Access;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class QuotaTests
{
    [Fact]
    public async Task Over_its_quota_a_caller_is_told_to_wait_and_nobody_else_is()
    {
        await using var server = new TightServer();
        await server.InitializeAsync();
        using var ana = await server.SignInAsync();
        var from = await server.SizeAsync();

        var answers = new List<AuditTrail.Api.Answer>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add(await ana.GetAsync("/api/v1/session"));
        }

        var refused = answers.First(a => a.Status == HttpStatusCode.TooManyRequests);
        refused.IsProblem(HttpStatusCode.TooManyRequests, "request.rate_limited");
        Assert.True(int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture) >= 1);
        Assert.Equal(HttpStatusCode.OK, answers[0].Status);
        Assert.Equal(HttpStatusCode.OK,
            (await AccessServer.SendAsync(server.Key, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Empty(await server.TypesFromAsync(from)); // A flood does not fill the ledger.
    }

    /// <summary>Ten requests a caller, and one more in a thousand seconds.</summary>
    private sealed class TightServer : AccessServer
    {
        internal override void Adapt(IServiceCollection services)
        {
            base.Adapt(services);
            services.Replace(ServiceDescriptor.Singleton(new QuotaLimits(1, 10, 500, 2_000)));
        }
    }
}

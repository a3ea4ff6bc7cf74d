using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Probity.Conformance;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Custody.Erasure;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>What another node seals beside an erasure; decision 0026.</summary>
public sealed class ErasedElsewhereTests(SharedPostgres postgres)
{
    [Fact]
    public async Task What_another_node_seals_under_the_erased_key_goes_with_it_until_that_node_has_looked()
    {
        PostgresCluster.SkipIfMissing();
        await using var server = await CustodyServer.StartAsync("postgresql", postgres);
        await server.RecordAsync(Installation.EventJson("c-9"));
        await server.IndexedAsync();
        using var other = Installation.Beside(server);
        await using var node = await LocalLedger.OpenAsync(
            other.Context(), CancellationToken.None,
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(server.Clock)));
        var before = await AppendAsync(node); // It knows the person's key from here on.
        await server.LetTimePassAsync();
        await EraseAsync(server);

        var beside = await AppendAsync(node);
        var looked = await ActivatorUtilities.CreateInstance<ErasedPersons>(node.Services)
            .LookAsync(CancellationToken.None);
        var after = await AppendAsync(node);

        Assert.Equal(1, looked);
        Assert.Contains("/targets/0/name", await UnreadableAsync(server.Services, before));
        Assert.Contains("/targets/0/name", await UnreadableAsync(server.Services, beside));
        Assert.DoesNotContain("/targets/0/name", await UnreadableAsync(server.Services, after));
    }

    private static async Task<long> AppendAsync(LocalLedger node)
    {
        var receipt = await node.Services.GetRequiredService<ILedgerWriter>().AppendAsync(
            new AppendRequest([Installation.Entry("c-9")]), CancellationToken.None);
        return receipt.FirstSeq;
    }

    private static async Task EraseAsync(CustodyServer server)
    {
        using var maker = await server.MakerAsync();
        var asked = await maker.PostAsync("/api/v1/erasures",
            new { subject_type = "customer", subject_id = "c-9", reason = "asks" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        var done = await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        Assert.Equal("executed", done["state"]!.GetValue<string>());
        await CustodyServer.UntilAsync(
            async () => (await maker.GetAsync("/api/v1/erasures")).Json["erasures"]![0]!["state"]!.GetValue<string>()
                == "complete",
            "the erasure to complete");
    }

    private static async Task<IReadOnlyList<string>> UnreadableAsync(IServiceProvider services, long seq)
    {
        var entry = (await services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(seq, 1, CancellationToken.None))[0];
        var opened = await services.GetRequiredService<EntryOpener>()
            .OpenAsync(entry.Body, false, CancellationToken.None);
        return [.. opened.Unreadable.Select(field => field!.GetValue<string>())];
    }
}

using System.Text;
using Probity.Conformance.Storage;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>Runs alone: what other tests allocate meanwhile would count.</summary>
[CollectionDefinition(nameof(AllocationBudgetTests), DisableParallelization = true)]
public sealed class AllocationBudgetGroup;

/// <summary>
/// What the append path may allocate for an event of 500 bytes. When the budgets were set, preparing took 1,832 bytes, of
/// which the entry itself is some 900, and committing 133: places and hashes, but no copy of an entry.
/// </summary>
[Collection(nameof(AllocationBudgetTests))]
public sealed class AllocationBudgetTests(LedgerStores stores) : IClassFixture<LedgerStores>
{
    private const int Events = 1_000;
    private const int Rounds = 5;
    // It takes 1,440 since decision 0066: the entry of 1,015 bytes, with one ciphertext for the actor and one for the
    // content, and less than half as much again.
    private const long PreparedEventBytes = 1_792;
    private const long AppendedEventBytes = 192;

    private static readonly byte[] s_event = Sample();

    public static TheoryData<StoreKind> Kinds { get; } = [StoreKind.Sqlite, StoreKind.Postgres];

    [Fact]
    public async Task Preparing_an_event_stays_within_its_budget()
    {
        await using var ledger = await stores.OpenAsync(StoreKind.Sqlite);

        var bytes = await LeastAsync(() => Task.FromResult(Prepare(ledger)));

        Assert.True(bytes <= PreparedEventBytes, $"{bytes} bytes per prepared event; the budget is {PreparedEventBytes}.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Appending_a_prepared_event_stays_within_its_budget(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        var prepared = Prepare(ledger);

        var bytes = await LeastAsync(() => ledger.Writer.AppendAsync(new AppendRequest(prepared)));

        Assert.True(bytes <= AppendedEventBytes, $"{bytes} bytes per appended event; the budget is {AppendedEventBytes}.");
    }

    /// <summary>The meter must see one copy of an entry too many, or the budgets above hold nothing.</summary>
    [Fact]
    public async Task One_more_copy_of_each_entry_breaks_both_budgets()
    {
        await using var ledger = await stores.OpenAsync(StoreKind.Sqlite);
        var prepared = Prepare(ledger);

        var preparing = await LeastAsync(() => Task.FromResult((Prepare(ledger), Copies(prepared))));
        var appending = await LeastAsync(() =>
        {
            _ = Copies(prepared);
            return ledger.Writer.AppendAsync(new AppendRequest(prepared));
        });

        Assert.True(preparing > PreparedEventBytes, $"{preparing} bytes per event were not noticed.");
        Assert.True(appending > AppendedEventBytes, $"{appending} bytes per event were not noticed.");
    }

    private static PreparedEntry[] Prepare(TestLedger ledger)
    {
        var prepared = new PreparedEntry[Events];
        for (var i = 0; i < Events; i++)
        {
            using var tape = JsonTape.Parse(s_event, JsonLimits.Default);
            prepared[i] = ledger.Preparer.Prepare(tape.Root);
        }

        return prepared;
    }

    private static byte[][] Copies(PreparedEntry[] prepared) =>
        [.. prepared.Select(entry => new byte[entry.Template.MaxLength])];

    /// <summary>Bytes per event in the round that allocated least: pools fill and code is compiled in the first ones.</summary>
    private static async Task<long> LeastAsync<T>(Func<Task<T>> work)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least / Events;
    }

    private static byte[] Sample()
    {
        const string Start = """{"action":"payment.approve","actor":{"id":"user-0001","type":"user","name":"Jordan Example","email":"jordan@example.org","role":"approver"},"targets":[{"id":"pay-000000001","type":"payment"}],"outcome":"success","context":{"address":"192.0.2.17","service":"payments","request_id":"req-000000001"},"data":{"amount":"1250.00","currency":"EUR","note":"n""";
        const string End = "\"}}";
        return Encoding.ASCII.GetBytes(Start + new string('n', 500 - Start.Length - End.Length) + End);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Probity.Conformance.Ledger;
using Probity.Conformance.Storage;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>Keys of persons: whose data is under which, how they are stored, and what becomes of it without
/// them.</summary>
public sealed class SubjectKeyTests(LedgerStores stores) : IClassFixture<LedgerStores>
{
    private const string Event = """
        {"action":"customer.update","actor":{"id":"u-1","type":"user","name":"Ana Diaz","email":"ana@example.org"},
         "targets":[{"type":"customer","id":"c-1","name":"Ben Ito"}],"context":{"address":"192.0.2.1"},
         "before":{"city":"Bern"},"after":{"city":"Basel"},"reason":{"text":"moved"}}
        """;

    public static TheoryData<StoreKind> Kinds { get; } = [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_person_has_a_key_and_their_members_are_under_it(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        var entry = await AppendAsync(ledger, Event);

        var elements = entry["enc"]!.AsArray().ToDictionary(
            e => SubjectOf(e!) ?? "", e => string.Join(' ', Fields(e!)));
        Assert.Equal("/actor/email /actor/name /context/address", elements[Digest(ledger, "user", "u-1")]);
        Assert.Equal("/after /before /reason/text /targets/0/name", elements[Digest(ledger, "customer", "c-1")]);
        Assert.Equal(2L, await ledger.Store.ScalarAsync(
            $"SELECT count(*) FROM {ledger.Store.Table("data_key")} WHERE kind = 'subject'"));
        var opened = await OpenAsync(ledger, 0, ledger.Keys);
        Assert.Equal("Ben Ito", opened.Json["targets"]![0]!["name"]!.GetValue<string>());
        Assert.Equal("Ana Diaz", opened.Json["actor"]!["name"]!.GetValue<string>());
        Assert.Empty(opened.Unreadable);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Two_people_among_the_targets_leave_the_content_to_the_segment(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);

        var entry = await AppendAsync(
            ledger,
            """
            {"action":"a","actor":"u","targets":[{"type":"customer","id":"c-1","name":"A"},
             {"type":"customer","id":"c-2","name":"B"}],"data":{"x":1}}
            """);

        var data = entry["enc"]!.AsArray()
            .Single(e => Fields(e!).Contains("/data"));
        Assert.Null(SubjectOf(data!));
        Assert.Equal(3, entry["enc"]!.AsArray().Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_destroyed_key_takes_one_persons_data_and_leaves_the_others_and_every_proof(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        await AppendAsync(ledger, Event);
        var subject = Digest(ledger, "customer", "c-1");
        await ledger.Store.ExecuteAsync(
            $"UPDATE {ledger.Store.Table("data_key")} SET wrapped = NULL, state = 'destroyed' "
            + $"WHERE subject = '{subject}'");
        using var later = await KeyRing.OpenAsync(ledger.Store.Database, TestRoot, TimeProvider.System,
            CancellationToken.None);

        var opened = await OpenAsync(ledger, 0, later);

        Assert.Equal(["/after", "/before", "/reason/text", "/targets/0/name"],
            opened.Unreadable.Select(f => f!.GetValue<string>()));
        Assert.Equal("Ana Diaz", opened.Json["actor"]!["name"]!.GetValue<string>());
        Assert.True((await ledger.AuditAsync()).IsSound);

        ledger.Keys.ForgetSubject(subject);
        Assert.NotEmpty((await OpenAsync(ledger, 0, ledger.Keys)).Unreadable);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_person_who_comes_back_after_an_erasure_gets_a_new_key(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        var first = await AppendAsync(ledger, Event);
        var subject = Digest(ledger, "customer", "c-1");
        await ledger.Store.ExecuteAsync(
            $"UPDATE {ledger.Store.Table("data_key")} SET wrapped = NULL, state = 'destroyed' "
            + $"WHERE subject = '{subject}'");
        ledger.Keys.ForgetSubject(subject);

        var second = await AppendAsync(ledger, Event);

        Assert.NotEqual(KeyOf(first, subject), KeyOf(second, subject));
        Assert.Empty((await OpenAsync(ledger, 1, ledger.Keys)).Unreadable);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_known_person_takes_no_look_into_the_store(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        await AppendAsync(ledger, Event);

        var known = ledger.Prepare(Event);

        Assert.Empty(known.NewKeys);
        Assert.Same(
            ledger.Keys.FindSubject(SubjectNames.Of("user", "u-1")),
                ledger.Keys.FindSubject(SubjectNames.Of("user", "u-1")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_commit_that_fails_writes_no_key_and_the_next_one_does(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        var prepared = ledger.Prepare(Event);
        Assert.Equal(2, prepared.NewKeys.Count);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ledger.Writer.AppendAsync(
            new AppendRequest([prepared], null, (_, _, _) => throw new InvalidOperationException("a module's fault"))));
        Assert.Equal(0L, await ledger.Store.ScalarAsync(
            $"SELECT count(*) FROM {ledger.Store.Table("data_key")} WHERE kind = 'subject'"));

        await ledger.Writer.AppendAsync(new AppendRequest([prepared]));

        Assert.All(prepared.NewKeys, key => Assert.True(key.IsStored));
        Assert.Equal(2L, await ledger.Store.ScalarAsync(
            $"SELECT count(*) FROM {ledger.Store.Table("data_key")} WHERE kind = 'subject'"));
    }

    [Fact]
    public async Task The_use_bound_moves_a_person_to_a_new_data_key_and_never_beyond()
    {
        await using var ledger = await stores.OpenAsync(StoreKind.Sqlite);
        using var ring = await KeyRing.OpenAsync(
            ledger.Store.Database, TestRoot, TimeProvider.System, new SegmentKeyLimits(100, TimeSpan.FromHours(24)),
                CancellationToken.None);
        var subject = ring.FindSubject(SubjectNames.Of("user", "u-9"));

        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 250).Select(_ => Seal(ring, subject)).ToList())));

        var uses = ids.SelectMany(id => id).GroupBy(id => id).Select(g => g.Count()).ToList();
        Assert.Equal(1_000, uses.Sum());
        Assert.All(uses, count => Assert.InRange(count, 1, 100));
        Assert.True(uses.Count >= 10);
    }

    [Theory]
    [InlineData("person")]
    [InlineData("key")]
    [InlineData("field")]
    [InlineData("text")]
    public async Task A_ciphertext_put_elsewhere_does_not_open(string member)
    {
        await using var ledger = await stores.OpenAsync(StoreKind.Sqlite);
        var first = await AppendAsync(ledger, Event);
        var second = await AppendAsync(ledger, Event);
        var ours = first["enc"]![0]!.AsArray();
        var theirs = (member == "text" ? second["enc"]![0]! : first["enc"]![1]!).AsArray();
        var key = ours[0]!.GetValue<string>();
        switch (member)
        {
            case "person":
                ours[0] = theirs[0]!.GetValue<string>()[..26] + key[26..];
                break;
            case "key":
                ours[0] = theirs[0]!.DeepClone();
                break;
            case "field":
                ours[1] = theirs[1]!.DeepClone();
                break;
            default:
                (ours[0], ours[^1]) = (theirs[0]!.DeepClone(), theirs[^1]!.DeepClone());
                break;
        }

        var opened = await ledger.Opener.OpenAsync(Encoding.UTF8.GetBytes(first.ToJsonString()), false,
            CancellationToken.None);

        Assert.NotEmpty(opened.Unreadable);
    }

    [Theory]
    [InlineData("sub_AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcY.AQIDBAUG", "sub_AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcY")]
    [InlineData("sub_01938a5c-7d00-7000-8000-000000000002.AQIDBAUGBwg", "sub_01938a5c-7d00-7000-8000-000000000002")]
    [InlineData("seg_AZOKXH0AcACAAAAAAAAAAw", null)]
    public void The_stored_root_is_told_by_ids_of_both_forms(string keyId, string? root) =>
        Assert.Equal(root, SubjectKey.RootOf(keyId));

    private static byte[] TestRoot => [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static string Digest(TestLedger ledger, string type, string id) =>
        ledger.Keys.DigestOf(SubjectNames.Of(type, id));

    private static string KeyOf(JsonNode entry, string subject) => SubjectKey.RootOf(
        entry["enc"]!.AsArray().Single(e => SubjectOf(e!) == subject)![0]!.GetValue<string>())!;

    /// <summary>Whom the key of an element names; null for that of a segment.</summary>
    private static string? SubjectOf(JsonNode element)
    {
        var key = element[0]!.GetValue<string>();
        return key.StartsWith("sub_", StringComparison.Ordinal)
            ? "sbj_" + key[4..key.IndexOf('.', StringComparison.Ordinal)]
            : null;
    }

    private static IEnumerable<string> Fields(JsonNode element) =>
        element.AsArray().Skip(1).SkipLast(1).Select(field => field!.GetValue<string>());

    private static string Seal(KeyRing ring, SubjectKey subject)
    {
        var key = ring.Rent(subject);
        key.Seal("aad"u8, "x"u8, new byte[12], new byte[17]);
        return key.Id;
    }

    private static async Task<JsonNode> AppendAsync(TestLedger ledger, string json)
    {
        var seq = (await ledger.CommitAsync(json)).Places[0].Seq;
        return JsonNode.Parse((await ledger.Ledger.ReadEntriesAsync(seq, 1, CancellationToken.None))[0].Body.Span)!;
    }

    private static async Task<Probity.Server.AuditTrail.Reading.OpenedEntry> OpenAsync(TestLedger ledger, long seq,
        KeyRing keys)
    {
        var body = (await ledger.Ledger.ReadEntriesAsync(seq, 1, CancellationToken.None))[0].Body;
        return await new Probity.Server.AuditTrail.Reading.EntryOpener(ledger.Ledger, keys)
            .OpenAsync(body, true, CancellationToken.None);
    }
}

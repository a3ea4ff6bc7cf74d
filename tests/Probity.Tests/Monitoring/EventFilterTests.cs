using Probity.Contracts.Finance;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>What a filter tells of an event is what the condition says of its transaction.</summary>
public sealed class EventFilterTests
{
    private const string Type = """{"eq":["$tx_type","wire"]}""";
    private const string OtherTypes = """{"not":{"in":["$tx_type",["wire","cash_in"]]}}""";
    private const string Any = """{"any":[{"eq":["$tx_type","wire"]},{"eq":["$tx_type","card"]}]}""";
    private const string Narrative = """{"eq":["$narrative","rent"]}""";

    private static readonly string[] s_conditions =
    [
        Type, OtherTypes, Any, Narrative,
        Amount("gte", "1000"), Amount("gt", "1000"), Amount("lt", "1000"), Amount("lte", "1000"),
        Amount("gte", "999.99"), Amount("lt", "1000.01"), Amount("eq", "1000"), Amount("ne", "1000"),
        All(Type, Amount("gte", "1000")), All(OtherTypes, Amount("gt", "500"), Amount("lte", "1000")),
        All(Type, Narrative), All(Amount("gte", "1000"), Amount("gte", "900", "EUR")), All(Any, Narrative),
        Multiple("500"), Multiple("0.01"), All(Amount("gte", "1000"), Multiple("1000")), All(Type, Multiple("25000")),
        Amount("gte", "1000", "EUR"), Amount("lt", "1100"), All(Amount("gt", "1000"), Amount("lt", "1100")),
        """{"lt":["$amount",{"threshold":"limit"}]}""", """{"in_list":["$counterparty.country","risky"]}""",
    ];

    [Fact]
    public void It_says_what_the_condition_says()
    {
        var (yes, no, asked) = (0, 0, 0);
        foreach (var condition in s_conditions)
        {
            var (where, rules) = Where(condition);
            var transactions = new NumberedTransactions();
            var filter = new EventFilter(where, transactions, rules.Book);
            var scope = new Scope(rules.Book, new ReferenceHistory(rules.Book), 0);
            foreach (var booked in Transactions())
            {
                transactions.Add(booked);
                (scope.Subject, scope.Current) = (booked, booked);
                var item = new LoggedEvent(booked);
                var before = filter.Of(in item);
                filter.Learn(item.Type, scope);
                var after = filter.Of(in item);

                var truth = where.Evaluate(scope).IsTrue;
                Assert.True((before ?? truth) == truth, $"{condition}: {booked.Transaction}");
                Assert.True((after ?? truth) == truth, $"{condition}: {booked.Transaction}");
                _ = after switch { true => yes++, false => no++, null => asked++ };
            }
        }

        // Else it tells nothing, or nothing is left to ask.
        Assert.True(yes > 50 && no > 50 && asked > 50, $"{yes} {no} {asked}");
    }

    [Theory]
    [InlineData(Type, true)]
    [InlineData(OtherTypes, true)]
    [InlineData(Narrative, false)]
    public void The_transaction_is_asked_once_for_each_type_where_that_is_enough(string condition, bool isEnough)
    {
        var (where, rules) = Where(condition);
        var transactions = new NumberedTransactions();
        var filter = new EventFilter(where, transactions, rules.Book);
        var scope = new Scope(rules.Book, new ReferenceHistory(rules.Book), 0);
        var items = Transactions().Select(booked =>
        {
            transactions.Add(booked);
            (scope.Subject, scope.Current) = (booked, booked);
            filter.Learn(booked.TypeNumber, scope);
            return new LoggedEvent(booked);
        }).ToList();

        Assert.All(items, item => Assert.Equal(isEnough, filter.Of(in item) is not null));
    }

    [Fact]
    public void More_types_than_have_a_number_are_asked()
    {
        var (where, rules) = Where(Type);
        var transactions = new NumberedTransactions();
        var filter = new EventFilter(where, transactions, rules.Book);
        var scope = new Scope(rules.Book, new ReferenceHistory(rules.Book), 0);
        for (var number = 1; number <= 300; number++)
        {
            var booked = new Booked(
                Transfer(number, Monday, "10.00", "a", "b") with { Type = $"type {number}" }, number);
            transactions.Add(booked);
            Assert.Equal(number <= 255 ? number : 0, booked.TypeNumber);
            (scope.Subject, scope.Current) = (booked, booked);
            filter.Learn(booked.TypeNumber, scope);
        }

        var wire = new Booked(Transfer(301, Monday, "10.00", "a", "b") with { Type = "wire" }, 301);
        transactions.Add(wire);
        Assert.Null(filter.Of(new LoggedEvent(wire)));
    }

    private static string All(params string[] terms) => "{\"all\":[" + string.Join(',', terms) + "]}";

    private static string Amount(string op, string amount, string currency = "USD") =>
        "{\"" + op + "\":[\"$amount\",{\"money\":[" + amount + ",\"" + currency + "\"]}]}";

    private static string Multiple(string unit) => "{\"multiple_of\":[\"$amount\"," + unit + "]}";

    private static (Expr Where, RuleSet Rules) Where(string condition)
    {
        var rules = Compile(Rule(
            "{\"gte\":[{\"agg\":{\"fn\":\"count\",\"key\":\"account\",\"dir\":\"out\","
            + "\"window\":{\"last\":\"9d\"},\"where\":" + condition + "}},1]}"));
        return (rules.Specs[0]!.Where!, rules);
    }

    private static IEnumerable<Booked> Transactions()
    {
        string[] amounts = ["999.99", "1000.00", "1000.01", "500.00", "500.01", "25000.00"];
        var number = 0;
        foreach (var type in (string[])["wire", "cash_in", "card", "transfer"])
        {
            foreach (var amount in amounts)
            {
                foreach (var currency in (CurrencyCode[])[Usd, Eur])
                {
                    var plain = Transfer(++number, Monday.AddMinutes(number), amount, "a", "b");
                    yield return new Booked(
                        plain with
                        {
                            Type = type, Amount = new Money(plain.Amount.Amount, currency),
                            Narrative = number % 2 == 0 ? "rent" : null,
                        },
                        number);
                }
            }
        }
    }
}

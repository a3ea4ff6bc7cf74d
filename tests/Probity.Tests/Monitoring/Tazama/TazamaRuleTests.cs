using System.Globalization;
using System.Text;
using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.Tazama.TazamaKit;

namespace Probity.Tests.Monitoring.Tazama;

/// <summary>
/// The 33 rule configurations that Tazama 4.0 publishes, in our words: each outcome at its bound and just before it.
/// What each rule asks follows the sources of the rule processors; windows are ours, (t − d, t].
/// </summary>
public sealed class TazamaRuleTests
{
    [Theory]
    [InlineData("001", ".01", "0 a>b 10")]
    [InlineData("001", ".01", "-86399s x>b 5; 0 a>b 10")]
    [InlineData("001", ".02", "-1d x>b 5; 0 a>b 10")]
    [InlineData("001", ".02", "-1d b>x 5 f; 0 a>b 10")] // What was asked for counts; what was received only if it came.
    [InlineData("001", ".01", "-1d x>b 5 f; 0 a>b 10")]
    [InlineData("001", ".x01", "0 a>b 10 f")]
    [InlineData("002", ".01", "4* -1h x>a 5; 0 a>b 10")]
    [InlineData("002", ".02", "5* -1h x>a 5; 0 a>b 10")]
    [InlineData("002", ".01", "-1d x>a 5; 4* -1h x>a 5; 0 a>b 10")]
    [InlineData("003", ".x01", "0 a>b 10")]
    [InlineData("003", ".01", "-7889228s x>b 5; 0 a>b 10")]
    [InlineData("003", ".02", "-7889229s x>b 5; 0 a>b 10")]
    [InlineData("004", ".x01", "0 a>b 10")]
    [InlineData("004", ".01", "-7889228s a>x 5; 0 a>b 10")]
    [InlineData("004", ".02", "-7889229s a>x 5; 0 a>b 10")]
    [InlineData("006", ".x00", "-2h a>x 95; 0 a>b 100 f")]
    [InlineData("006", ".x01", "0 a>b 100")]
    [InlineData("006", ".01", "-2h a>x 90; 0 a>b 100")] // A tenth away is not like.
    [InlineData("006", ".02", "-2h a>x 90.01; 0 a>b 100")]
    [InlineData("006", ".01", "-4h a>x 100; -3h a>x 1; -2h a>x 2; 0 a>b 100")] // Not among the last three.
    [InlineData("006", ".02", "-3h a>x 100; -2h a>x 2; 0 a>b 100")]
    [InlineData("007", ".x00", "-2h a>x 5 n=rent; 0 a>b 10 n=rent f")]
    [InlineData("007", ".x01", "0 a>b 10 n=rent")]
    [InlineData("007", ".01", "-2h a>x 5 n=rent; 0 a>b 10 n=rent")]
    [InlineData("007", ".02", "-2h a>x 5 n=rent_May; 0 a>b 10 n=rent_Mai")]
    [InlineData("007", ".02", "-2h a>x 5 n=rent; 0 a>b 10 n=rent_May")]
    [InlineData("007", ".03", "-2h a>x 5 n=rent; 0 a>b 10 n=rent_June")]
    [InlineData("008", ".x00", "-2h a>b 5; 0 a>b 10 f")]
    [InlineData("008", ".x01", "0 a>b 10")]
    [InlineData("008", ".01", "-3h a>b 5; -2h a>x 5; -1h a>y 5; 0 a>b 10")]
    [InlineData("008", ".02", "-3h a>b 5; -2h a>x 5; 0 a>b 10")]
    [InlineData("010", ".x00", "-30h a>x 1; 0 a>b 1 f")]
    [InlineData("010", ".x01", "0 a>b 1")]
    [InlineData("010", ".x03", "-30h a>x 1; -1h a>x 1; 0 a>b 1")]
    [InlineData("010", ".x04", "-30h a>x 1; 0 a>b 1")]
    [InlineData("010", ".01", "3* -54h a>x 1; -30h a>x 1; 3* -1h a>x 1; 0 a>b 1")]
    [InlineData("010", ".02", "3* -54h a>x 1; -30h a>x 1; 4* -1h a>x 1; 0 a>b 1")]
    [InlineData("011", ".x00", "-30h x>b 1; 0 a>b 1 f")]
    [InlineData("011", ".x01", "0 a>b 1")]
    [InlineData("011", ".x03", "-30h x>b 1; -1h x>b 1; 0 a>b 1")]
    [InlineData("011", ".x04", "-30h x>b 1; 0 a>b 1")]
    [InlineData("011", ".01", "3* -54h x>b 1; -30h x>b 1; 3* -1h x>b 1; 0 a>b 1")]
    [InlineData("011", ".02", "3* -54h x>b 1; -30h x>b 1; 4* -1h x>b 1; 0 a>b 1")]
    [InlineData("016", ".01", "3* -1h x>b 5; 0 a>b 10")]
    [InlineData("016", ".02", "4* -1h x>b 5; 0 a>b 10")]
    [InlineData("017", ".01", "-8h a>x 5; 3* -1h a>x 5; 0 a>b 10")]
    [InlineData("017", ".02", "-28799s a>x 5; 3* -1h a>x 5; 0 a>b 10")]
    [InlineData("018", ".x00", "-1d a>x 100; 0 a>b 150 f")]
    [InlineData("018", ".x01", "-7889229s a>x 100; 0 a>b 150")]
    [InlineData("018", ".01", "-1d a>x 100; 0 a>b 149.99")]
    [InlineData("018", ".02", "-1d a>x 100; 0 a>b 150")]
    [InlineData("020", ".x00", "-1d x>b 10; 0 a>b 11 f")]
    [InlineData("020", ".x01", "0 a>b 10")]
    [InlineData("020", ".x03", "-1d x>b 10; 0 a>b 11")]
    [InlineData("020", ".x04", "-1d x>b 10; 0 a>b 10")]
    [InlineData("020", ".01", "-2d x>b 8; -1d x>b 12; 0 a>b 15.99")]
    [InlineData("020", ".02", "-2d x>b 8; -1d x>b 12; 0 a>b 16")]
    [InlineData("021", ".x00", "4* -1h x>b 100; 0 a>b 100 f")]
    [InlineData("021", ".x01", "-1d x>b 100; 0 a>b 100")]
    [InlineData("021", ".01", "-1h x>b 110; 3* -1h x>b 100; 0 a>b 100")]
    [InlineData("021", ".02", "-1h x>b 109.99; 3* -1h x>b 100; 0 a>b 100")]
    [InlineData("024", ".x00", "-3h x>b 100; -2h b>y 100; 0 a>b 50 f")]
    [InlineData("024", ".x01", "-3h x>b 100; 0 a>b 50")]
    [InlineData("024", ".x03", "-3h x>b 60; -2h b>y 100; 0 a>b 50")]
    [InlineData("024", ".01", "-3h x>b 100; -2h b>y 100; 0 a>b 50")]
    [InlineData("024", ".02", "-4h x>b 60; -3h x>b 45; -2h b>y 100; 0 a>b 50")]
    [InlineData("025", ".x00", "-1h x>a 100; 0 a>b 100 f")]
    [InlineData("025", ".x01", "-1d x>a 100; 0 a>b 100")]
    [InlineData("025", ".x03", "-1h x>a 90; 0 a>b 100")]
    [InlineData("025", ".01", "-1h x>a 90.01; 0 a>b 100")]
    [InlineData("025", ".02", "-2h x>a 50; -1h x>a 50; 0 a>b 100")]
    [InlineData("026", ".x00", "-3h x>b 110; -2h b>y 100; 0 a>b 50 f")]
    [InlineData("026", ".x01", "0 a>b 50")]
    [InlineData("026", ".x03", "-3h x>b 100; -2h b>y 100; 0 a>b 50")]
    [InlineData("026", ".01", "-3h x>b 110; -2h b>y 100; 0 a>b 50")]
    [InlineData("026", ".02", "-4h x>b 60; -3h x>b 50; -2h b>y 100; 0 a>b 50")]
    [InlineData("027", ".x00", "-1h x>a 110; 0 a>b 100 f")]
    [InlineData("027", ".x01", "0 a>b 100")]
    [InlineData("027", ".x03", "-1h x>a 109; 0 a>b 100")]
    [InlineData("027", ".01", "-1h x>a 109.01; 0 a>b 100")]
    [InlineData("027", ".02", "-2h x>a 60; -1h x>a 50; 0 a>b 100")]
    [InlineData("028", ".01", "0 a>b 10 born=2008-03-03")]
    [InlineData("028", ".02", "0 a>b 10 born=2008-03-02")]
    [InlineData("030", ".x00", "-1h a>b 5; 0 a>b 10 f")]
    [InlineData("030", ".01", "-1h a>b 5 f; -1h b>a 5; 0 a>b 10")]
    [InlineData("030", ".02", "-1h a>b 5; 0 a>b 10")]
    [InlineData("044", ".01", "0 a>b 10 f")]
    [InlineData("044", ".02", "0 a>b 10")]
    [InlineData("044", ".03", "-400d a>x 5; 0 a>b 10")]
    [InlineData("045", ".01", "0 a>b 10 f")]
    [InlineData("045", ".02", "0 a>b 10")]
    [InlineData("045", ".03", "-400d x>b 5; 0 a>b 10")]
    [InlineData("048", ".x00", "-1d a>x 10; 0 a>b 11 f")]
    [InlineData("048", ".x01", "0 a>b 10")]
    [InlineData("048", ".x03", "-1d a>x 10; 0 a>b 11")]
    [InlineData("048", ".x04", "-1d a>x 10; 0 a>b 10")]
    [InlineData("048", ".01", "-2d a>x 8; -1d a>x 12; 0 a>b 15.99")]
    [InlineData("048", ".02", "-2d a>x 8; -1d a>x 12; 0 a>b 16")]
    [InlineData("074", ".x01", "-1h a>x 5 at=0,0; 0 a>b 10 at=0,0")]
    [InlineData("074", ".01", "-30m a>x 5 at=0,0; 0 a>b 10 at=0,0.224820")] // 24.999 km in half an hour.
    [InlineData("074", ".02", "-30m a>x 5 at=0,0; 0 a>b 10 at=0,0.224830")]
    [InlineData("075", ".x01", "0 a>b 10 at=0,0")]
    [InlineData("075", ".01", "9* -1d a>x 5 at=0,0.045; 0 a>b 10 at=0,0")] // 5.004 km.
    [InlineData("075", ".02", "4* -1d a>x 5 at=0,0.0449; 0 a>b 10 at=0,0")]
    [InlineData("075", ".03", "5* -1d a>x 5 at=0,0.0449; 0 a>b 10 at=0,0")]
    [InlineData("076", ".x01", "0 a>b 10")]
    [InlineData("076", ".01", "-299s a>x 5; 0 a>b 10")]
    [InlineData("076", ".02", "-300s a>x 5; 0 a>b 10")]
    [InlineData("078", ".01", "0 a>b 10 p=MP2B")]
    [InlineData("078", ".02", "0 a>b 10 p=MP2P")]
    [InlineData("078", ".03", "0 a>b 10 p=CASH")]
    [InlineData("078", ".00", "0 a>b 10 p=SALA")]
    [InlineData("083", ".01", "-1h a>x 5 by=ann; -1h c>x 5 by=bob; 0 a>b 10 by=ann")]
    [InlineData("083", ".02", "-1h c>x 5 by=ann; 0 a>b 10 by=ann")]
    [InlineData("084", ".01", "-1h x>b 5 for=ann; 0 a>b 10 for=ann")]
    [InlineData("084", ".02", "-1h x>c 5 for=ann; 0 a>b 10 for=ann")]
    [InlineData("090", ".01", "-3h p>x 5; -2h p>a 5; 0 a>b 10")]
    [InlineData("090", ".01", "-1d p>y 5; -3h p>x 5; -2h p>a 5; 0 a>b 10")]
    [InlineData("090", ".02", "-4h p>y 5; -3h p>x 5; -2h p>a 5; 0 a>b 10")]
    [InlineData("091", ".01", "0 a>b 9999.99")]
    [InlineData("091", ".02", "0 a>b 10000")]
    public void An_outcome_begins_at_its_bound(string number, string expected, string events) =>
        Assert.Equal(expected, OutcomeOf(number, events));

    [Theory]
    [InlineData("054", "a>b")]
    [InlineData("063", "a>b")]
    public void Leading_digits_are_held_against_Benford(string number, string way)
    {
        int[] natural = [15, 9, 6, 5, 4, 3, 3, 3, 2]; // Of fifty.
        var usual = string.Join("; ", natural.Select((times, digit) => $"{times}* -1h {way} {digit + 1}7"));

        Assert.Equal(".01", OutcomeOf(number, usual));
        Assert.Equal(".02", OutcomeOf(number, $"49* -1h {way} 12; 0 {way} 13"));
        Assert.Equal(".x01", OutcomeOf(number, $"48* -1h {way} 12; 0 {way} 13"));
        Assert.Equal(".x00", OutcomeOf(number, $"50* -1h {way} 12; 0 {way} 13 f"));
    }

    [Fact]
    public void Every_configuration_is_expressed_and_every_outcome_of_it_is_tested()
    {
        var tested = typeof(TazamaRuleTests).GetMethod(nameof(An_outcome_begins_at_its_bound))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>()
            .Select(data => (Number: (string)data.Data[0]!, Ref: (string)data.Data[1]!)).ToHashSet();
        var missing = Numbers.Where(number => number is not ("054" or "063"))
            .SelectMany(number => OutcomesIn(number).Select(outcome => (number, outcome)))
            .Where(pair => !tested.Contains(pair));

        Assert.Equal(33, Numbers.Count);
        Assert.Empty(missing);
    }

    [Fact]
    public void Fast_engine_and_reference_agree_on_all_of_them()
    {
        var rules = Telling(Numbers);
        var fast = MonitoringKit.Engine(rules);
        var slow = new ReferenceEngine(rules, new MonitoringOptions());
        var at = 0;
        foreach (var (transaction, facts) in Events(Eventful()))
        {
            var one = Assert.IsType<JudgeResult.Decided>(fast.Submit(transaction, facts)).Decision.Record;
            var other = Assert.IsType<JudgeResult.Decided>(slow.Submit(transaction, facts)).Decision.Record;

            Assert.Equal(Encoding.UTF8.GetString(other.Span), Encoding.UTF8.GetString(one.Span));
            at++;
        }

        Assert.Equal(300, at);
    }

    // Out of order, failed, near and far, with few parties.
    private static string Eventful() => string.Join("; ", Enumerable.Range(0, 300).Select(i =>
    {
        var party = "abcdex";
        var (from, to) = (party[i * 7 % 6], party[((i * 5) + 1 + (i / 6)) % 6]);
        var flags = (i % 11 == 0 ? " f" : "") + (i % 3 == 0 ? $" n=invoice_{i % 13}" : "")
            + (i % 2 == 0 ? " p=MP2P" : "");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(i * 1_700) - (i * i % 9_000)} {from}>{(to == from ? 'y' : to)} {(i * 37 % 500) + 10}{flags} "
            + $"by=c{from} at={(i % 4) * 0.02m},{(i % 9) * 0.015m}");
    }));

    private static IEnumerable<string> OutcomesIn(string number)
    {
        var document = Configuration(number);
        var conditions = document["conditions"]!;
        return conditions["bands"]!.AsArray().Concat(conditions["cases"]?.AsArray() ?? [])
            .Concat(document["outcomes"]?.AsObject().Select(item => item.Value) ?? [])
            .Select(outcome => outcome!["ref"]!.GetValue<string>());
    }

    private static string? OutcomeOf(string number, string events)
    {
        var engine = MonitoringKit.Engine(Telling(number));
        Decision? last = null;
        foreach (var (transaction, facts) in Events(events))
        {
            last = engine.Decide(transaction, facts);
        }

        return OutcomesOf(last!).GetValueOrDefault(number); // There is at least one event.
    }
}

using System.Text.Json;
using Probity.Monitoring;
using Probity.Server.Monitoring.Input;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>What comes again is the same object; what is told stays what was said, whoever shares a place.</summary>
public sealed class SharedTextsTests
{
    private const int Many = 200_000;

    [Fact]
    public void Nearly_all_of_many_names_are_there_when_they_come_again()
    {
        var names = Enumerable.Range(0, Many).Select(n => $"shared-texts-{n}").ToArray();
        var first = Array.ConvertAll(names, SharedTexts.Of);

        var again = names.Select(name => SharedTexts.Of(new string(name))).ToArray();

        Assert.Equal(names, again);
        var same = Enumerable.Range(0, Many).Count(n => ReferenceEquals(first[n], again[n]));
        Assert.True(same > Many * 0.98, $"{same} of {Many}"); // With places for one it was 83 %, for two 94.
    }

    [Fact]
    public void A_text_of_json_is_the_same_object_and_a_long_one_is_not_kept()
    {
        using var json = JsonDocument.Parse($$"""["Gr\u00fcn 1","{{new string('x', 65)}}"]""");

        Assert.Same(SharedTexts.Of(json.RootElement[0]), SharedTexts.Of(json.RootElement[0]));
        Assert.Equal("Gr\u00fcn 1", SharedTexts.Of(json.RootElement[0]));
        Assert.NotSame(SharedTexts.Of(json.RootElement[1]), SharedTexts.Of(json.RootElement[1]));
    }

    [Fact]
    public void A_party_is_shared_with_one_of_the_same_account_customer_and_country_only()
    {
        var first = SharedTexts.Of(new TransactionParty("shared-1", "c", "US"));

        Assert.Same(first, SharedTexts.Of(new TransactionParty("shared-1", "c", "US")));
        Assert.Equal("GB", SharedTexts.Of(new TransactionParty("shared-1", "c", "GB")).Country);
        Assert.Same(first, SharedTexts.Of(new TransactionParty("shared-1", "c", "US"))); // Both have their place.
    }
}

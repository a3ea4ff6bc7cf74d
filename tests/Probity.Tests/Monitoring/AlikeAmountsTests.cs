using CsCheck;
using Probity.Monitoring.Evaluation;
using Xunit;

namespace Probity.Tests.Monitoring;

public sealed class AlikeAmountsTests
{
    [Fact]
    public void Amounts_in_order_count_as_a_list_does() =>
        Gen.Select(Gen.Long[0, 300], Gen.Bool).List[0, 4_000].Sample(
            steps =>
            {
                var (kept, plain) = (new SortedAmounts(), new List<long>());
                foreach (var (units, isOut) in steps)
                {
                    if (!isOut)
                    {
                        kept.Add(units, 1);
                        plain.Add(units);
                    }
                    else if (plain.Remove(units))
                    {
                        kept.Add(units, -1);
                    }
                }

                return kept.IsEmpty == (plain.Count == 0)
                    && Enumerable.Range(-1, 304).All(most => kept.AtMost(most) == plain.Count(item => item <= most));
            },
            iter: 40);

    [Fact]
    public void Both_ends_count_and_another_currency_is_not_counted_here()
    {
        var amounts = new AlikeAmounts();
        Assert.Equal(0, amounts.Between(1, 0, long.MaxValue));

        Array.ForEach([10, 20, 20, 30], units => amounts.Add(1, units, 1));
        Assert.Equal(3, amounts.Between(1, 20, 30));
        Assert.Equal(0, amounts.Between(1, 21, 29));
        Assert.Null(amounts.Between(2, 20, 30));

        amounts.Add(2, 20, 1);
        Assert.Null(amounts.Between(1, 20, 30));

        amounts.Add(2, 20, -1);
        Assert.Equal(3, amounts.Between(1, 20, 30));
    }

    [Fact]
    public void Order_is_worth_it_once_as_much_was_read_for_want_of_it()
    {
        var amounts = new AlikeAmounts();
        Assert.False(amounts.IsWorth(2, 200));
        Assert.True(amounts.IsWorth(2, 200));

        amounts.Went();
        Assert.False(amounts.IsWorth(2, 200));
    }
}

using CsCheck;
using Probity.Monitoring.Evaluation;
using Xunit;

namespace Probity.Tests.Monitoring;

public sealed class ProbedTableTests
{
    [Fact]
    public void It_holds_what_a_plain_list_holds() =>
        Gen.Select(Gen.UInt[0, 400], Gen.Int[1, 6], Gen.Bool).List[0, 6_000].Sample(
            steps =>
            {
                var (table, plain) = (new ProbedTable<uint, int>(), new List<(uint Key, int Value)>());
                foreach (var (key, value, isOut) in steps)
                {
                    if (isOut)
                    {
                        if (table.Remove(key, value) != plain.Remove((key, value)))
                        {
                            return false;
                        }
                    }
                    else
                    {
                        table.Add(key, value);
                        plain.Add((key, value));
                    }
                }

                return table.Count == plain.Count
                    && Enumerable.Range(0, 402).All(key => Of(table, (uint)key).Order().SequenceEqual(
                        plain.Where(item => item.Key == key).Select(item => item.Value).Order()));
            },
            iter: 60);

    [Fact]
    public void A_key_that_stands_once_is_found_and_added_and_nothing_is_left_when_it_is_cleared()
    {
        var table = new ProbedTable<long, long>();
        table.FindOrAdd(5, out var wasThere) = -1;
        Assert.False(wasThere);
        ref var held = ref table.FindOrAdd(5, out wasThere);
        Assert.True(wasThere);
        Assert.Equal(-1, held);
        held = 7;
        Assert.True(table.Remove(5, 7));
        Assert.False(table.Of(5).MoveNext());

        for (var key = 1L; key <= 50_000; key++)
        {
            table.FindOrAdd(key << 32, out _) = key;
        }

        Assert.Equal(50_000, table.Count);
        Assert.All(Enumerable.Range(1, 50_000), key => Assert.Equal(key, table.FindOrAdd((long)key << 32, out _)));
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.False(table.Of(1L << 32).MoveNext());
    }

    private static List<int> Of(ProbedTable<uint, int> table, uint key)
    {
        var found = new List<int>();
        foreach (var value in table.Of(key))
        {
            found.Add(value);
        }

        return found;
    }

    [Fact]
    public void Several_add_at_once_under_the_locks_of_what_they_add()
    {
        var table = new ProbedTable<long, long>();
        Parallel.For(0, 4, who =>
        {
            for (var key = 1 + who; key <= 40_000; key += 4)
            {
                lock (table.LockOf(key))
                {
                    table.FindOrAdd(key, out _) = key;
                }
            }
        });

        Assert.Equal(40_000, table.Count);
        Assert.All(Enumerable.Range(1, 40_000), key =>
        {
            var found = table.Of(key);
            Assert.True(found.MoveNext());
            Assert.Equal(key, found.Current);
        });
    }
}

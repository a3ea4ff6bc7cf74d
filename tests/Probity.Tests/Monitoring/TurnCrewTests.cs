using System.Diagnostics;
using Probity.Monitoring.Decisions;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Each place is done once, by somebody, before the next part begins; what fails is told to the one who
/// leads.</summary>
public sealed class TurnCrewTests
{
    private const int Count = 1_000;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 8)]
    [InlineData(3, Count * 2)]
    public void Every_place_of_every_part_is_done_once_and_in_the_order_of_the_parts(int others, int piece)
    {
        var done = new int[Count];
        TurnCrew.Lead(others, crew =>
        {
            for (var part = 0; part < 50; part++)
            {
                var before = part;
                crew.Each(Count, piece, (who, place) =>
                {
                    Assert.InRange(who, 0, others);
                    Assert.Equal(before, done[place]++);
                });
            }
        });
        Assert.All(done, times => Assert.Equal(50, times));
    }

    [Fact]
    public void Others_take_part()
    {
        // The one who leads waits in its first place until somebody else has begun with another.
        using var begun = new ManualResetEventSlim();
        TurnCrew.Lead(1, crew => crew.Each(2, 1, (who, _) =>
        {
            if (who == 0)
            {
                Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            }
            else
            {
                begun.Set();
            }
        }));
        Assert.True(begun.IsSet);
    }

    [Fact]
    public void One_who_left_is_called_again_and_nobody_works_under_a_number_twice_at_once()
    {
        var (working, helped) = (new int[3], 0);
        TurnCrew.Lead(2, crew =>
        {
            for (var part = 0; part < 400; part++)
            {
                // Around the time after which others leave.
                for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since).TotalMicroseconds < part;)
                {
                    Thread.SpinWait(20);
                }

                crew.Each(64, 1, (who, _) =>
                {
                    Assert.Equal(1, Interlocked.Increment(ref working[who]));
                    Thread.SpinWait(200);
                    Interlocked.Decrement(ref working[who]);
                    helped += who == 1 && part >= 300 ? 1 : 0;
                });
            }
        });
        Assert.True(helped > 0); // Long after the first wait that was too long.
    }

    [Fact]
    public void What_fails_is_thrown_once_nobody_works_any_more_and_the_next_part_can_be_done()
    {
        var working = 0;
        TurnCrew.Lead(2, crew =>
        {
            var fault = Assert.Throws<InvalidOperationException>(() => crew.Each(Count, 1, (_, place) =>
            {
                Interlocked.Increment(ref working);
                try
                {
                    if (place == 300)
                    {
                        throw new InvalidOperationException("300");
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref working);
                }
            }));
            Assert.Equal("300", fault.Message);
            Assert.Equal(0, Volatile.Read(ref working));

            var done = 0;
            crew.Each(Count, 8, (_, _) => Interlocked.Increment(ref done));
            Assert.Equal(Count, done);
            crew.Each(0, 8, (_, _) => throw new InvalidOperationException("There is no place."));
        });
    }

    [Fact]
    public void What_the_one_who_leads_throws_ends_the_turn()
    {
        var fault = Assert.Throws<InvalidOperationException>(
            () => TurnCrew.Lead(2, _ => throw new InvalidOperationException("led")));
        Assert.Equal("led", fault.Message);
    }
}

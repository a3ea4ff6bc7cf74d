using System.Globalization;
using Probity.Monitoring.Evaluation;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Accounts by number, and what is left of those that were taken back.</summary>
public sealed class HistoryLogsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Numbers begin at 1; those that came last and are forgotten are given again, others are not.</summary>
    [Fact]
    public void Forgotten_numbers_at_the_end_are_given_again()
    {
        var logs = Logs();
        var (first, second) = (logs.NewAccount("a"), logs.NewAccount("b"));
        Assert.Equal((1, 2), (first.Number, second.Number));
        Assert.Same(second, logs.AccountAt(2));
        Assert.Same(second, logs.NewAccount("b"));

        logs.ForgetAccount("a");
        logs.ForgetAccount("nobody");
        Assert.Null(logs.Account("a"));
        Assert.Equal(3, logs.NewAccount("c").Number);

        logs.ForgetAccount("c");
        logs.ForgetAccount("b");
        Assert.Equal(1, logs.NewAccount("d").Number);
    }

    /// <summary>Dry runs with made-up accounts leave no room taken: the next one has what the last one had.</summary>
    [Fact]
    public void What_was_taken_back_leaves_its_room()
    {
        var logs = Logs();
        var history = new FastHistory(logs, 0);
        for (var number = 1; number <= 1_000; number++)
        {
            var name = number.ToString(CultureInfo.InvariantCulture);
            var booked = new Booked(Transfer(number, s_start, "20.00", "D" + name, "C" + name), number);
            history.Load(booked);
            history.Remove(booked);
        }

        Assert.Equal(1, logs.NewAccount("next").Number);
        var events = Enumerable.Range(0, 256 / EventLog.Few)
            .Select(_ => logs.RoomOf(0).Events.Take(EventLog.Few)).ToList();
        Assert.True(events.Exists(block => block[0].Units == 200_000)); // They had them; a first piece is enough.
        Assert.Null(logs.Account("D1000"));
    }

    /// <summary>A turn that failed half way has such: they go, and what shares an account with them stays.</summary>
    [Fact]
    public void What_was_entered_and_came_into_no_log_can_be_taken_back()
    {
        var logs = new HistoryLogs(Compile(WindowRules.All()), new NumberedTransactions());
        Assert.True(logs.KeepsPairs);
        var history = new FastHistory(logs, 0);
        history.Load(new Booked(Transfer(1, s_start, "20.00", "a", "b"), 1));
        foreach (var (number, creditor) in new[] { (2, "b"), (3, "new") })
        {
            var booked = new Booked(Transfer(number, s_start, "20.00", "a", creditor), number);
            history.Enter(booked);
            history.Complete(booked.Transaction, default);
            history.Remove(booked);
        }

        var left = (logs.Account("a")!, logs.Account("b")!);
        Assert.Equal((1, 1), (left.Item1.Count, left.Item2.Count));
        Assert.Null(logs.Account("new"));
        Assert.Equal(3, logs.NewAccount("next").Number);
    }

    private static HistoryLogs Logs() => new(
        Compile(Rule("""{"amount_threshold":10,"currency":"USD"}""")), new NumberedTransactions());
}

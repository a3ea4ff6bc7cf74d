using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Customers;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting;
using Probity.Server.Monitoring.Packs;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>
/// What is asked every few seconds reads no table as a whole: with a hundred thousand customers that takes longer than
/// a hundred decisions.
/// </summary>
public sealed class RatingQuestionTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task What_is_asked_every_few_seconds_reads_an_index()
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var now = DateTimeOffset.UnixEpoch.AddYears(60);
        List<IQueryable<string>> questions =
        [
            RatingSweep.Ended(db, now).Take(500), RatingSweep.Unread(db).Take(500),
            .. StoredRatingSources.Found(db, now),
            StepPacks.Destroyed(db),
        ];

        foreach (var question in questions)
        {
            var plan = await PlanAsync(db, question);
            Assert.True(plan.TrueForAll(line => !IsScan(line)), string.Join('\n', plan));
        }

        var scan = await PlanAsync(
            db, db.Set<CustomerRow>().Where(row => row.Version > 3).Select(row => row.Id)); // The negative control.
        Assert.Contains(scan, IsScan);
    }

    // One over a partial index reads what that has, which is little; one over a key reads all.
    private static bool IsScan(string line) => line.StartsWith("SCAN ", StringComparison.Ordinal)
        && (!line.Contains("USING", StringComparison.Ordinal) || line.Contains("autoindex", StringComparison.Ordinal));

    private static async Task<List<string>> PlanAsync(ProbityDb db, IQueryable<string> question)
    {
        await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using DbCommand command = question.CreateDbCommand();
#pragma warning disable CA2100 // It is the question's own text.
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var plan = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            plan.Add(reader.GetString(3));
        }

        return plan;
    }
}

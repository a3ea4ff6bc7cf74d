using System.Text.Json;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;

namespace Probity.Server.AuditTrail.Cli;

/// <summary><c>probity migrate</c>: creates or upgrades schema and roles, or shows what it would do.</summary>
internal static class MigrateBody
{
    public static async Task<int> RunAsync(
        MigrateRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        await using var ledger = LocalLedger.ForReading(context);
        var database = ledger.Services.GetRequiredService<IDatabase>();
        var pending = request.IsPlan
            ? await MigrationPlan.ReadAsync(database, cancellationToken)
            : await MigrationPlan.ApplyAsync(database, cancellationToken);
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(JsonSerializer.Serialize(
                new { applied = !request.IsPlan, migrations = pending }, CliJson.Options));
            return ExitCode.Done;
        }

        foreach (var migration in pending)
        {
            await context.Output.WriteLineAsync($"{(request.IsPlan ? "pending" : "applied")}  {migration.Id}");
            if (request.IsPlan)
            {
                await context.Output.WriteLineAsync(string.Join("\n\n", migration.Commands));
            }
        }

        if (pending.Count == 0)
        {
            await context.Output.WriteLineAsync("The store is up to date.");
        }

        return ExitCode.Done;
    }
}

using System.Text.Json;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.AuditTrail.Cli;

/// <summary><c>probity ledger checkpoint</c>: prints the newest signed checkpoint.</summary>
internal static class CheckpointBody
{
    public static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var ledger = LocalLedger.ForReading(context);
        var head = await ledger.Services.GetRequiredService<ILedgerStore>().ReadHeadAsync(cancellationToken);
        if (head is null || head.Size == 0)
        {
            throw new ExpectedFaultException("There is no ledger here yet.", "Run `probity up` first.");
        }

        await context.Output.WriteAsync(context.IsJson
            ? JsonSerializer.Serialize(
                new { log = head.Origin, size = head.Size, root = head.Root.ToBase64(), note = head.Checkpoint },
                CliJson.Options) + "\n"
            : head.Checkpoint);
        return ExitCode.Done;
    }
}

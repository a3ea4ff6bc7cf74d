using Probity.Server.Hosting.Cli;

namespace Probity.Server.AuditTrail.Cli;

/// <summary><c>probity ledger export</c>.</summary>
internal static class ExportBody
{
    public static Task<int> RunAsync(ExportRequest request, VerbContext context, CancellationToken cancellationToken) =>
        throw new ExpectedFaultException("export is not built yet", "");
}

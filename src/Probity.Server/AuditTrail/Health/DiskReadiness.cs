using System.Globalization;
using Probity.Server.Hosting.Health;

namespace Probity.Server.AuditTrail.Health;

/// <summary>
/// Whether the disk of the data folder has room. Without it nothing can be recorded, while proofs and checkpoints are
/// still served: degraded, not out of rotation.
/// </summary>
internal sealed class DiskReadiness(string folder) : IReadinessCheck
{
    private const long MiB = 1024 * 1024;

    /// <summary>Free space below which the operator is told.</summary>
    public const long LeastBytes = 100 * MiB;

    public string Name => "disk";

    public Task<Readiness> CheckAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Judge(new DriveInfo(folder).AvailableFreeSpace));

    /// <summary>What so many free bytes mean.</summary>
    public static Readiness Judge(long freeBytes) => freeBytes >= LeastBytes
        ? Readiness.Ok
        : new Readiness(ReadinessStatus.Degraded, string.Create(
            CultureInfo.InvariantCulture, $"{freeBytes / MiB} MiB free: a full disk stops recording"));
}

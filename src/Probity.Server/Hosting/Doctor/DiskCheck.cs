using System.Globalization;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Whether the disk of the data folder has room.</summary>
internal sealed class DiskCheck : IDoctorCheck
{
    private const long MiB = 1024 * 1024;
    private const long TooLittleBytes = 100 * MiB;
    private const long LittleBytes = 1024 * MiB;

    public string Name => "disk";

    public Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        var folder = settings.DataDir;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        var free = new DriveInfo(folder).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / MiB:N0} MiB free at {folder}");
        Finding finding = free switch
        {
            < TooLittleBytes => new(FindingKind.Fault, Name, text, "free or add space: a full disk stops recording"),
            < LittleBytes => new(FindingKind.Warning, Name, text, "plan for more space: a full disk stops recording"),
            _ => new(FindingKind.Ok, Name, text),
        };
        return Task.FromResult<IReadOnlyList<Finding>>([finding]);
    }
}

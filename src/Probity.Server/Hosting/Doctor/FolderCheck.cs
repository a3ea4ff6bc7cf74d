using System.Security.Cryptography;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Whether the data folder is there and can be written, and who holds it.</summary>
internal sealed class FolderCheck : IDoctorCheck
{
    public string Name => "data folder";

    public Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Finding>>(Look(settings.DataDir));

    private List<Finding> Look(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [new(FindingKind.Note, Name, $"{folder} is not there yet", "`probity up` makes it at the first start")];
        }

        var findings = new List<Finding>();
        try
        {
            var probe = Path.Combine(folder, $".probe-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            findings.Add(new(FindingKind.Ok, Name, $"{folder} can be written"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            findings.Add(new(FindingKind.Fault, Name, $"{folder} cannot be written", "free space, or give the server's user the rights"));
        }

        findings.Add(DataFolderLock.FindHolder(folder) is { } holder
            ? new(FindingKind.Ok, Name, $"held by {holder}")
            : new(FindingKind.Ok, Name, "no server holds it"));
        return findings;
    }
}

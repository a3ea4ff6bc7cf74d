using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Settings that are readable and still deserve a thought.</summary>
internal sealed class PolicyCheck : IDoctorCheck
{
    private const int DefaultDays = 2_555;

    public string Name => "policy";

    public Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>
        {
            settings.EncryptionEnabled
                ? new(FindingKind.Ok, Name, "classified fields are encrypted with AES-256-GCM")
                : new(FindingKind.Warning, Name, "encryption is off", "set AUDIT_ENABLE_ENCRYPTION=true"),
            settings.Retention.Days == DefaultDays
                ? new(FindingKind.Note, Name,
                    "2555 days is 1 or 2 days short of seven calendar years, because of leap days",
                    "set AUDIT_RETENTION_DAYS=7y where the rule says seven years")
                : new(FindingKind.Ok, Name, $"events are kept for {settings.Retention}"),
            new(FindingKind.Note, Name, "checkpoints are signed by this server only; no outside witness yet",
                "keep `probity ledger checkpoint` outside from time to time"),
        };
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }
}

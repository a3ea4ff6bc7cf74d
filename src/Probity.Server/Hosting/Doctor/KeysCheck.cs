using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Whether the keys are there, whole, and private.</summary>
internal sealed class KeysCheck : IDoctorCheck
{
    public string Name => "keys";

    public Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        var complete = KeyFiles.Complete(settings, mayCreate: false);
        var findings = complete.Warnings.Select(w => new Finding(FindingKind.Warning, Name, w)).ToList();
        findings.AddRange(complete.Faults.Select(f => new Finding(FindingKind.Misconfigured, Name, $"{f.Name}: {f.Wrong} (rule: {f.Rule})", f.Fix)));
        if (complete.Settings is { } full)
        {
            findings.Add(full.KeyProvider is { } device
                ? new(FindingKind.Ok, Name, $"the root key is {device.Object} in the token {device.Token}")
                : Presence(SettingCatalogue.EncryptionKey.Name, full.EncryptionKey is not null,
                    settings.EncryptionKey is not null, KeyFiles.EncryptionKeyFile(settings)));
            findings.Add(Presence(SettingCatalogue.SecretKey.Name, full.SecretKey is not null, settings.SecretKey is not null, KeyFiles.SecretKeyFile(settings)));
        }

        if (Directory.Exists(settings.KeysDir) && PrivateFile.IsOpenToOthers(settings.KeysDir))
        {
            findings.Add(new(FindingKind.Warning, Name, $"{settings.KeysDir} is open to others", $"chmod 700 {settings.KeysDir}"));
        }

        if (File.Exists(settings.BootstrapKeyFile))
        {
            findings.Add(PrivateFile.IsOpenToOthers(settings.BootstrapKeyFile)
                ? new(FindingKind.Fault, Name, $"{settings.BootstrapKeyFile} may be read by others", "revoke that key and remove the file")
                : new(FindingKind.Note, Name, $"{settings.BootstrapKeyFile} opens everything but sealed compartments", "create narrower keys, revoke it and remove the file"));
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private Finding Presence(string variable, bool isThere, bool isGiven, string path)
    {
        if (!isThere)
        {
            return new(FindingKind.Note, Name, $"{variable} is not set and {path} is not there yet", "`probity up` makes it at the first start");
        }

        return new(FindingKind.Ok, Name, isGiven ? $"{variable} is set and fits" : $"{path} is there, whole and fits");
    }
}

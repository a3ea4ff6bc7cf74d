namespace Probity.Server.Hosting.Settings;

/// <summary>What reading the environment gave. <see cref="Settings"/> is null exactly when there are faults.</summary>
internal sealed record SettingsReading(
    ProbitySettings? Settings, IReadOnlyList<SettingFault> Faults, IReadOnlyList<string> Warnings);

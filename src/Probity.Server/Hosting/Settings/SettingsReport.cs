using System.Globalization;
using System.Text;

namespace Probity.Server.Hosting.Settings;

/// <summary>Writes the settings for people: faults, the table for <c>--help</c> and the README.</summary>
internal static class SettingsReport
{
    public static void WriteFaults(TextWriter error, IReadOnlyList<SettingFault> faults)
    {
        error.WriteLine(faults.Count == 1
            ? "probity: one setting does not fit; nothing was started"
            : string.Create(CultureInfo.InvariantCulture, $"probity: {faults.Count} settings do not fit; nothing was started"));
        foreach (var fault in faults)
        {
            error.WriteLine($"  {fault}");
        }
    }

    /// <summary>The table of the README, with LF line ends.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("| variable | meaning | default | rule |\n|---|---|---|---|\n");
        foreach (var setting in SettingCatalogue.All)
        {
            var unset = setting.Default is { } value ? $"`{value}`" : setting.WhenUnset ?? "";
            var secret = setting.IsSecret ? $" (secret; also `{setting.FileName}`)" : "";
            text.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {setting.Meaning}{secret} | {unset} | {setting.Rule} |\n");
        }

        return text.ToString();
    }

    /// <summary>The section of <c>--help</c>.</summary>
    public static void WriteHelp(TextWriter output)
    {
        output.WriteLine("Environment (secrets also as …_FILE):");
        foreach (var setting in SettingCatalogue.All)
        {
            output.WriteLine($"  {setting.Name,-24} {setting.Meaning} [{setting.Default ?? Plain(setting.WhenUnset)}]");
            output.WriteLine($"  {"",-24} {setting.Rule}");
        }
    }

    private static string Plain(string? text) => (text ?? "").Replace("`", "", StringComparison.Ordinal);
}

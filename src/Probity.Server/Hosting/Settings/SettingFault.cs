using System.Globalization;

namespace Probity.Server.Hosting.Settings;

/// <summary>A value that does not fit.</summary>
/// <param name="Name">The variable, or the option that replaced it.</param>
/// <param name="Seen">The value as it may be shown; null when there is none.</param>
/// <param name="Wrong">What is wrong with it.</param>
/// <param name="Rule">What a good value looks like.</param>
/// <param name="Fix">What to do.</param>
internal sealed record SettingFault(string Name, string? Seen, string Wrong, string Rule, string Fix)
{
    public static SettingFault Of(Setting setting, string name, string value, string wrong) => new(
        name,
        setting.Show(value),
        wrong,
        setting.Rule,
        setting.Example.StartsWith("openssl", StringComparison.Ordinal)
            ? $"make one with `{setting.Example}`, or unset {name} to have one made in the data folder"
            : string.Create(CultureInfo.InvariantCulture, $"set {name}, for example to {setting.Example}"));

    public override string ToString() =>
        $"{Name}{(Seen is null ? "" : $" is '{Seen}'")}: {Wrong}\n    rule: {Rule}\n    fix:  {Fix}";
}

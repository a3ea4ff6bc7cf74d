using System.Text.Json;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>The formats that can be imported.</summary>
internal static class ImportFormats
{
    /// <summary>Lets the content of each file decide.</summary>
    public const string Auto = "auto";

    /// <summary>Gets all formats; ours is last, since it is the one recognised by the least.</summary>
    public static IReadOnlyList<IEventFormat> All { get; } =
    [
        new CloudTrailFormat(), new WindowsSecurityFormat(), new OktaFormat(), new GithubFormat(),
        new KubernetesFormat(), new GcpFormat(), new NdjsonFormat(),
    ];

    /// <summary>Gets the names for <c>--format</c>, <c>auto</c> first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. All.Select(format => format.Name)];

    public static IEventFormat? ByName(string name) => All.FirstOrDefault(format => format.Name == name);

    public static IEventFormat? Recognising(JsonElement sourceEvent)
        => sourceEvent.ValueKind == JsonValueKind.Object
            ? All.FirstOrDefault(format => format.Recognises(sourceEvent))
            : null;
}

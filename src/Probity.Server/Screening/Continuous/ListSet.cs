using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening.Continuous;

/// <summary>Which versions of which lists, engine and configuration a screening was made with, as one hash.</summary>
/// <param name="Versions">Version ids by list.</param>
/// <param name="Sha256">Over versions, engine version and configuration; lower-case hexadecimal.</param>
internal sealed record ListSet(ImmutableSortedDictionary<string, string> Versions, string Sha256)
{
    public static ListSet Of(EngineSnapshot snapshot) => Of(
        snapshot.Lists.ToImmutableSortedDictionary(
            list => list.Read.List.Version.List.Value, list => list.VersionId, StringComparer.Ordinal),
        snapshot.Configuration);

    /// <summary>Reads back <see cref="ToJson"/>.</summary>
    public static ImmutableSortedDictionary<string, string> Read(string json) =>
        (JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? []).ToImmutableSortedDictionary(
            StringComparer.Ordinal);

    public string ToJson() => JsonSerializer.Serialize(Versions);

    private static ListSet Of(ImmutableSortedDictionary<string, string> versions, string configuration)
    {
        var text = new StringBuilder();
        foreach (var (list, version) in versions)
        {
            text.Append(list).Append('=').Append(version).Append('\n');
        }

        text.Append(EngineConfiguration.EngineVersion).Append('\n').Append(configuration);
        return new ListSet(
            versions, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }
}

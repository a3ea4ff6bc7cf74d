using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Screening.Configuration;

/// <summary>
/// One row of <c>screening_configuration</c>: what an institution may set of the engine. Weights are not among it:
/// they are of the build. What a draft says never changes; another wish is another draft.
/// </summary>
internal sealed class ConfigurationRow
{
    public const string Prefix = "scf_";

    public const string Draft = "draft";
    public const string Live = "live";
    public const string Retired = "retired";

    public required string Id { get; init; }

    /// <summary>The score from which a match is an alert, 0 to 10,000.</summary>
    public required int Threshold { get; init; }

    /// <summary>Policies for weak names by list, as JSON: {"us_ofac_sdn":"confirm_only"}.</summary>
    public required string WeakNames { get; init; }

    /// <summary>SHA-256 of the options of this build with it: answers name it.</summary>
    public required string Sha256 { get; init; }

    public required string State { get; set; }

    /// <summary>The configuration in force when this one was drafted; null while that of the build was.</summary>
    public string? BaseId { get; init; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>What the last trial came to, as JSON without names; null before the first.</summary>
    public string? Trial { get; set; }

    public DateTimeOffset? TriedAt { get; set; }

    public DateTimeOffset? LiveAt { get; set; }

    /// <summary>The options of the engine.</summary>
    public ScreeningOptions Options() => ScreeningOptions.Default with
    {
        Threshold = Threshold,
        WeakNamePolicies = WeakNamesOf(WeakNames).ToImmutableDictionary(
            row => new ListId(row.Key), row => WeakNamePolicyNames.Read(row.Value) ?? WeakNamePolicy.Exact),
    };

    public static IReadOnlyDictionary<string, string> WeakNamesOf(string json) =>
        JsonSerializer.Deserialize<SortedDictionary<string, string>>(json) ?? [];

    public static void Configure(ModelBuilder model) => model.Entity<ConfigurationRow>(map =>
    {
        map.ToTable("screening_configuration");
        map.HasKey(row => row.Id);

        // So that the one in force retires before the next one takes its place, whatever their ids.
        map.HasIndex(row => row.State).IsUnique().HasFilter("state = 'live'");
        map.Audited();
    });
}

/// <summary>The words of <see cref="WeakNamePolicy"/>.</summary>
internal static class WeakNamePolicyNames
{
    /// <summary>Every word, for messages.</summary>
    public const string All = "off, confirm_only, exact or fuzzy";

    /// <summary>The policy of a word, or null for none.</summary>
    public static WeakNamePolicy? Read(string word) => word switch
    {
        "off" => WeakNamePolicy.Off,
        "confirm_only" => WeakNamePolicy.ConfirmOnly,
        "exact" => WeakNamePolicy.Exact,
        "fuzzy" => WeakNamePolicy.Fuzzy,
        _ => null,
    };
}

using System.Security.Cryptography;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Screening.Matching;

namespace Probity.Server.Screening.Matching;

/// <summary>Names the configuration of an engine, so that an answer says by which weights it was given.</summary>
internal static class EngineConfiguration
{
    /// <summary>
    /// The version of the matching itself. It goes up whenever the same lists and options may give another answer, so
    /// that a replay says "another engine" instead of "altered".
    /// </summary>
    public const int EngineVersion = 4;

    /// <summary>SHA-256, lower-case hexadecimal, over the canonical JSON (RFC 8785) of every option.</summary>
    public static string HashOf(ScreeningOptions options)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            options.Threshold,
            options.Weights,
            options.Points,
            WeakNames = options.WeakNamePolicies.ToDictionary(
                policy => policy.Key.Value, policy => policy.Value.ToString(), StringComparer.Ordinal),
        });
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Canonicalize(json)));
    }
}

using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Startup;

/// <summary>The ledger at a glance.</summary>
/// <param name="Size">How many entries it holds.</param>
/// <param name="State">One or a few words, such as <c>chain OK</c>.</param>
/// <param name="Tier">What an outsider may rely on.</param>
/// <param name="Fault">Why nothing is recorded any more; null while all is well.</param>
internal sealed record LedgerGlance(long Size, string State, string Tier, string? Fault = null)
{
    public static readonly LedgerGlance None = new(0, "empty", "signed; no outside witness yet");
}

/// <summary>What the summary of a start tells.</summary>
/// <param name="Settings">The settings in force.</param>
/// <param name="Url">Where the server listens, with the port it got.</param>
/// <param name="Ledger">The ledger.</param>
/// <param name="IsFirstStart">Whether the installation was made by this start.</param>
/// <param name="Warnings">What the operator should know.</param>
internal sealed record StartupFacts(
    ProbitySettings Settings, Uri Url, LedgerGlance Ledger, bool IsFirstStart, IReadOnlyList<string> Warnings)
{
    /// <summary>The one-time link that makes the first administrator; null when there is one.</summary>
    public Uri? SetupUrl { get; init; }
}

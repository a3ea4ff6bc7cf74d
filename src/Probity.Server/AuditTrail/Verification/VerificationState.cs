using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Probity.Ledger.Entries;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>How far the background verifier is and what it last found. Thread safe.</summary>
internal sealed class VerificationState : IDisposable
{
    private readonly Meter _meter = new("Probity.Verification");
    private readonly Counter<long> _verified;
    private readonly Counter<long> _failures;
    private readonly Lock _gate = new();
    private long _lastSuccessMicros;
    private long _passEntries;
    private long _passTarget;
    private string? _failure;

    public VerificationState()
    {
        _verified = _meter.CreateCounter<long>(
            "probity_ledger_verified_entries", description: "Stored entries that were read again and derived anew");
        _failures = _meter.CreateCounter<long>("probity_ledger_verify_failures", description: "Passes with findings");
        _meter.CreateObservableGauge(
            "probity_ledger_last_verify_success_timestamp", () => Read().LastSuccessMicros / 1e6, "s",
            "When the last full pass ended without a finding, seconds since the epoch; 0 means never");
        _meter.CreateObservableGauge(
            "probity_ledger_verify_coverage_ratio", () => Read().Coverage,
            description: "Share of the log that the present pass has read, 0 to 1");
    }

    /// <summary>When the last full pass ended without a finding; null when none has since the start.</summary>
    public DateTimeOffset? LastSuccess => Read().LastSuccessMicros is var micros and > 0
        ? DateTimeOffset.UnixEpoch.AddMicroseconds(micros)
        : null;

    /// <summary>What the last pass found; null when nothing.</summary>
    public string? Finding => Read().Failure;

    public void Begin(long entries) => Set(() => (_passEntries, _passTarget) = (0, entries));

    public void Progress(long entries)
    {
        lock (_gate)
        {
            _verified.Add(Math.Max(0, entries - _passEntries));
            _passEntries = entries;
        }
    }

    public void Succeeded(DateTimeOffset at) => Set(() =>
    {
        _lastSuccessMicros = Timestamp.ToMicros(at);
        _passEntries = _passTarget;
        _failure = null;
    });

    public void Failed(string finding)
    {
        _failures.Add(1);
        Set(() => _failure = finding);
    }

    public JsonObject ToJson()
    {
        var (lastSuccess, coverage, failure) = Read();
        return new JsonObject
        {
            ["last_success_at"] = lastSuccess == 0 ? null : Timestamp.ToText(lastSuccess),
            ["coverage"] = Math.Round(coverage, 4),
            ["finding"] = failure,
        };
    }

    public void Dispose() => _meter.Dispose();

    private (long LastSuccessMicros, double Coverage, string? Failure) Read()
    {
        lock (_gate)
        {
            var coverage = _passTarget == 0 ? 0 : Math.Min(1, (double)_passEntries / _passTarget);
            return (_lastSuccessMicros, coverage, _failure);
        }
    }

    private void Set(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }
}

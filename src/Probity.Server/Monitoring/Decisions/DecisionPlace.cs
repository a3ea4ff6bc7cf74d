using Probity.Server.Cases;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>An alert of monitoring is shown as the decision that raised it last.</summary>
internal sealed class DecisionPlace : IAlertPlace
{
    public string Source => DecisionAlerts.Source;

    public string? HrefOf(AlertView alert) => alert.Reference is { } id ? "/transactions/" + id : null;
}

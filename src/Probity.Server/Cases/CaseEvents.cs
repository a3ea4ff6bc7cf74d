namespace Probity.Server.Cases;

/// <summary>Types of the entries that alerts leave.</summary>
internal static class CaseEvents
{
    /// <summary>An alert was raised. <c>data</c> names source, kind, route, severity and the entry of the
    /// evidence.</summary>
    public const string Raised = "probity.cases.alert_raised";

    /// <summary>What an open alert stands for happened again.</summary>
    public const string Repeated = "probity.cases.alert_repeated";

    /// <summary>An alert was decided or escalated. <c>data</c> holds decision and reason code.</summary>
    public const string Decided = "probity.cases.alert_decided";
}

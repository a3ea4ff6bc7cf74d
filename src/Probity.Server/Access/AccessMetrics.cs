using System.Diagnostics.Metrics;
using Probity.Contracts.Problems;

namespace Probity.Server.Access;

/// <summary>Figures of Access; the label is the error code, so it is bounded.</summary>
internal sealed class AccessMetrics
{
    public const string MeterName = "Probity.Access";

    private readonly Counter<long> _refused;

    public AccessMetrics(IMeterFactory meters) => _refused = meters.Create(MeterName)
        .CreateCounter<long>("probity_access_refused", description: "Requests refused for want of a key or a permission");

    public void Refused(ErrorCode code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code.Code));
}

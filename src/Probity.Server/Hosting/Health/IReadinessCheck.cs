namespace Probity.Server.Hosting.Health;

/// <summary>Something the server needs in order to serve. Register as a singleton; asked one after the other, 2 s each at most.</summary>
internal interface IReadinessCheck
{
    /// <summary>A short name, such as <c>store</c>.</summary>
    string Name { get; }

    Task<Readiness> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>What a check found.</summary>
/// <param name="Status">Failed takes the server out of rotation; degraded does not.</param>
/// <param name="Detail">Why, in one line, without personal data or secrets; null when there is nothing to say.</param>
internal sealed record Readiness(ReadinessStatus Status, string? Detail = null)
{
    public static readonly Readiness Ok = new(ReadinessStatus.Ok);
}

internal enum ReadinessStatus
{
    Ok,
    Degraded,
    Failed,
}

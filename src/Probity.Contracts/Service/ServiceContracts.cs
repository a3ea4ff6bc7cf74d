namespace Probity.Contracts.Service;

/// <summary>What <c>GET /version</c> answers.</summary>
/// <param name="Product">Always <c>probity</c>.</param>
/// <param name="Version">The version without build metadata.</param>
/// <param name="Revision">The source revision it was built from; null when not known.</param>
/// <param name="Runtime">The .NET runtime it runs on.</param>
public sealed record VersionView(string Product, string Version, string? Revision, string Runtime);

/// <summary>What <c>GET /readyz?verbose</c> answers to a caller with <c>hosting.health.read</c>.</summary>
/// <param name="Status"><c>ready</c>, <c>degraded</c> or <c>not_ready</c>.</param>
/// <param name="Checks">Each check, in the order run.</param>
public sealed record ReadinessView(string Status, IReadOnlyList<ReadinessCheckView> Checks);

/// <summary>One check of <see cref="ReadinessView"/>.</summary>
/// <param name="Name">The name of the check.</param>
/// <param name="Status"><c>ok</c>, <c>degraded</c> or <c>failed</c>.</param>
/// <param name="Detail">Why, in one line; null when there is nothing to say.</param>
public sealed record ReadinessCheckView(string Name, string Status, string? Detail);

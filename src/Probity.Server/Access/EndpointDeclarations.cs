namespace Probity.Server.Access;

/// <summary>
/// What every endpoint says about itself: who may call it, and what the ledger keeps of a call. The host refuses to start
/// while one endpoint leaves one of the two open, or says both.
/// </summary>
internal static class EndpointDeclarations
{
    /// <summary>Only callers with this permission.</summary>
    public static T RequiresPermission<T>(this T endpoint, string permission)
        where T : IEndpointConventionBuilder
    {
        if (!Permission.IsKnown(permission))
        {
            throw new ArgumentException("Permissions are the constants of Permission.", nameof(permission));
        }

        return endpoint.WithMetadata(new AccessDeclaration(permission, null));
    }

    /// <summary>People only shortly after they proved themselves again; programs have nothing to prove it with.</summary>
    public static T RequiresStepUp<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new StepUpDeclaration());

    /// <summary>Anyone, for the reason given.</summary>
    public static T Public<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return endpoint.WithMetadata(new AccessDeclaration(null, reason));
    }

    /// <summary>A call leaves an entry of this type.</summary>
    public static T Records<T>(this T endpoint, string eventType)
        where T : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(eventType);
        return endpoint.WithMetadata(new RecordDeclaration(eventType, null));
    }

    /// <summary>A call leaves no entry, for the reason given.</summary>
    public static T RecordsNothing<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return endpoint.WithMetadata(new RecordDeclaration(null, reason));
    }

    /// <summary>What is missing or said twice, one line an endpoint; empty when all is declared.</summary>
    public static IReadOnlyList<string> Faults(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.SelectMany(Faults).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Faults(Endpoint endpoint)
    {
        var name = (endpoint as RouteEndpoint)?.RoutePattern.RawText is { } route
            ? $"{route} ({endpoint.DisplayName})"
            : endpoint.DisplayName ?? "an endpoint without a name";
        var access = endpoint.Metadata.GetOrderedMetadata<AccessDeclaration>().Count;
        var records = endpoint.Metadata.GetOrderedMetadata<RecordDeclaration>().Count;
        if (access != 1)
        {
            yield return $"{name}: {Count(access)} of RequiresPermission and Public";
        }

        if (records != 1)
        {
            yield return $"{name}: {Count(records)} of Records and RecordsNothing";
        }
    }

    private static string Count(int count) => count == 0 ? "none" : "more than one";
}

/// <summary>Who may call: exactly one of the two is set.</summary>
internal sealed record AccessDeclaration(string? Permission, string? PublicReason);

/// <summary>A person's last proof must be recent.</summary>
internal sealed record StepUpDeclaration;

/// <summary>What a call leaves in the ledger: exactly one of the two is set.</summary>
internal sealed record RecordDeclaration(string? EventType, string? NothingReason);

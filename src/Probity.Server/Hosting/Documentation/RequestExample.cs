namespace Probity.Server.Hosting.Documentation;

/// <summary>An example of a request body, as JSON text, for the API description.</summary>
internal sealed record RequestExample(string Json);

internal static class RequestExamples
{
    public static T WithRequestExample<T>(this T endpoint, string json)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestExample(json));
}

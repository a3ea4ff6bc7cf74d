using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Probity.Server.Access;
using Probity.Server.Hosting;

namespace Probity.Server.Ui;

/// <summary>
/// Gives a page the declarations that its attributes make, so that it is judged as any other endpoint. A page without
/// attributes stays undeclared, and the host refuses to start with it.
/// </summary>
internal static class PageConventions
{
    /// <summary>What a page may load: this server's files and nothing inline.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    private const string Plumbing = "Sends a browser on to where a page has sent it; it shows nothing";

    public static void Declare(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.Any(m => m is ComponentTypeMetadata))
        {
            endpoint.Metadata.Add(new AccessDeclaration(null, Plumbing));
            endpoint.Metadata.Add(new RecordDeclaration(null, Plumbing));
            return;
        }

        foreach (var attribute in endpoint.Metadata.OfType<Attribute>().ToArray())
        {
            if (DeclarationOf(attribute) is { } declaration)
            {
                endpoint.Metadata.Add(declaration);
            }
        }

        endpoint.Metadata.Add(new PagePolicy(Policy));
        AnswerOnlyGet(endpoint);
    }

    private static object? DeclarationOf(Attribute attribute) => attribute switch
    {
        RequiresPermissionAttribute required when Permission.IsKnown(required.Permission) =>
            new AccessDeclaration(required.Permission, null),
        PublicAttribute open => new AccessDeclaration(null, open.Reason),
        RecordsAttribute records => new RecordDeclaration(records.EventType, null),
        RecordsNothingAttribute nothing => new RecordDeclaration(null, nothing.Reason),
        _ => null,
    };

    /// <summary>Pages change nothing: what a page offers to do is a request to the API, which has its own proof of origin.</summary>
    private static void AnswerOnlyGet(EndpointBuilder endpoint)
    {
        foreach (var metadata in endpoint.Metadata.Where(m => m is IHttpMethodMetadata or IAntiforgeryMetadata).ToArray())
        {
            endpoint.Metadata.Remove(metadata);
        }

        endpoint.Metadata.Add(new HttpMethodMetadata([HttpMethods.Get]));
    }
}

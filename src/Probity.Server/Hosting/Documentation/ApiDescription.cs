using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Probity.Contracts.Problems;
using Probity.Server.Access;

namespace Probity.Server.Hosting.Documentation;

/// <summary>The OpenAPI 3.1 document: what routing does not know is added from the endpoints' declarations.</summary>
internal static class ApiDescription
{
    private const string BearerScheme = "api_key";

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) => DescribeAsync(document));
        options.AddOperationTransformer((operation, context, _) => DescribeAsync(operation, context));
    });

    private static Task DescribeAsync(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Probity",
            Version = ProductVersion.Current.Version,
            Description = "A tamper-evident audit trail: every event can be proven by someone who does not trust its operator. "
                + "Refusals are problems (RFC 9457) with stable codes, listed at /errors.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };

        // Relative, so that the document is right behind every proxy.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[BearerScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "pk_…",
            Description = "An API key. The first one is in keys/bootstrap.key in the data folder.",
        };
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Responses ??= [];
        if (metadata.OfType<AccessDeclaration>().FirstOrDefault()?.Permission is { } permission)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme, context.Document)] = [] }];
            operation.Description = $"{operation.Description}\n\nNeeds the permission `{permission}`.".Trim();
        }

        if (metadata.OfType<RecordDeclaration>().FirstOrDefault()?.EventType is { } eventType)
        {
            operation.Description = $"{operation.Description}\n\nLeaves an entry of type `{eventType}`.".Trim();
        }

        if (metadata.OfType<RequestExample>().FirstOrDefault() is { } example
            && operation.RequestBody?.Content is { } content)
        {
            foreach (var type in content.Values)
            {
                type.Example = JsonNode.Parse(example.Json);
            }
        }

        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem));
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"A refusal; `code` is one of the {ErrorCodes.All.Count} at /errors."),
            Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = problem } },
        };
    }
}

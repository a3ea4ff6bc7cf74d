using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Customers.Import;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Ratings;
using Probity.Server.Customers.Reviews;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers;

/// <summary>Customers over the API.</summary>
internal static class CustomerEndpoints
{
    private const string Tag = "customers";
    private const int MaxBodyBytes = 64 * 1024;

    public static void MapCustomers(this IEndpointRouteBuilder api)
    {
        api.MapPost("/customers", RegisterAsync)
            .RequiresPermission(Permission.ManageCustomers).Records(CustomerEvents.Recorded).LimitsBody(MaxBodyBytes)
            .WithName("registerCustomer")
            .WithSummary("Register a customer, or replace what is known of it; the external id decides which one")
            .WithRequestExample(
                """{"external_id":"c-4711","kind":"person","names":[{"text":"Jon Doe"}]}""")
            .WithTags(Tag);
        api.MapPatch("/customers/{id}", PatchAsync)
            .RequiresPermission(Permission.ManageCustomers).Records(CustomerEvents.Recorded).LimitsBody(MaxBodyBytes)
            .WithName("changeCustomer")
            .WithSummary("Change members of a customer (RFC 7396); what is left out stays. If-Match guards the version")
            .WithRequestExample("""{"gender":"female"}""").WithTags(Tag);
        api.MapGet("/customers/{id}", GetAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("getCustomer").WithSummary("Read one customer").WithTags(Tag);
        api.MapGet("/customers", ListAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Searched)
            .WithName("listCustomers").WithSummary("List customers, all or by number or kind").WithTags(Tag);
        api.MapPost("/customers:search", SearchAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Searched).LimitsBody(MaxBodyBytes)
            .WithName("searchCustomers")
            .WithSummary("Find customers by words of their names and numbers; a body, since names belong in no URL")
            .WithRequestExample("""{"text":"Jon Doe"}""").WithTags(Tag);
        CustomerImportEndpoint.Map(api);
        RatingEndpoints.Map(api);
        ReviewEndpoints.Map(api);
        OwnerEndpoints.Map(api);
        CheckEndpoints.Map(api);
    }

    private static async Task<IResult> RegisterAsync(
        CustomerDocument document, HttpContext http, CustomerDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var outcomes = await desk.RegisterAsync(
            [document], caller.ScopeOf(Permission.ManageCustomers), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        switch (outcomes[0])
        {
            case CustomerOutcome.Kept kept:
                SetTag(http, kept.Row);
                var view = CustomerView.Of(kept.Row, kept.Document);
                return kept.What == "created"
                    ? TypedResults.Created($"/api/v1/customers/{kept.Row.Id}", view)
                    : TypedResults.Ok(view);
            case CustomerOutcome.Refused refused:
                throw refused.Problem;
            default:
                throw new InvalidOperationException("There is no other outcome.");
        }
    }

    private static async Task<IResult> PatchAsync(
        string id, JsonObject patch, HttpContext http, CustomerDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var kept = await desk.ChangeAsync(
            id, Expected(http.Request), document => CustomerPatch.Apply(document, patch),
            caller.ScopeOf(Permission.ManageCustomers), AccessEntry.Of(http, caller, time), http.RequestAborted);
        SetTag(http, kept.Row);
        return TypedResults.Ok(CustomerView.Of(kept.Row, kept.Document));
    }

    private static async Task<IResult> GetAsync(
        string id, HttpContext http, CustomerRegister register, ReadRecorder reads)
    {
        var (row, document) = await register.GetAsync(
            id, http.RequireCaller().ScopeOf(Permission.ReadCustomers), http.RequestAborted);
        await CustomerReads.RecordAsync(http, reads, row);
        SetTag(http, row);
        return TypedResults.Ok(CustomerView.Of(row, document));
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, string? external_id, string? kind, int? page_size, string? page_token,
        CustomerRegister register, ReadRecorder reads)
    {
        var page = await register.ListAsync(
            external_id, kind, CustomerPaging.Of(page_size, page_token),
            http.RequireCaller().ScopeOf(Permission.ReadCustomers), http.RequestAborted);
        await CustomerReads.RecordAsync(http, reads, page, "list");
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> SearchAsync(
        SearchCustomers asked, HttpContext http, CustomerRegister register, ReadRecorder reads)
    {
        var page = await register.SearchAsync(
            asked.Text, CustomerPaging.Of(asked.PageSize, asked.PageToken),
            http.RequireCaller().ScopeOf(Permission.ReadCustomers), http.RequestAborted);
        await CustomerReads.RecordAsync(http, reads, page, "search");
        return TypedResults.Ok(page);
    }

    private static void SetTag(HttpContext http, CustomerRow row) =>
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{row.Version}\"");

    private static int? Expected(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString();
        return text is "" or "*" ? null
            : int.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new ProblemException(ErrorCodes.RequestBadHeader, "If-Match repeats the ETag of the answer.");
    }
}

/// <summary>JSON Merge Patch of a customer. Source: RFC 7396 section 2.</summary>
internal static class CustomerPatch
{
    /// <summary>The document with the patch applied; lists are replaced whole, null removes.</summary>
    /// <exception cref="ProblemException">request.bad_field: the result is no customer, or another's
    /// number.</exception>
    public static CustomerDocument Apply(CustomerDocument document, JsonObject patch)
    {
        // A record is an object.
        var target = JsonSerializer.SerializeToNode(document, CustomerSeal.Json)!.AsObject();
        foreach (var (name, value) in patch)
        {
            target.Remove(name);
            if (value is not null)
            {
                target[name] = value.DeepClone();
            }
        }

        var changed = Read(target);
        return changed.ExternalId == document.ExternalId
            ? changed
            : throw Bad("/external_id", "The number of a customer never changes; register another customer.");
    }

    private static CustomerDocument Read(JsonObject target)
    {
        try
        {
            return target.Deserialize<CustomerDocument>(CustomerSeal.Json) ?? throw Bad("", "Give an object.");
        }
        catch (JsonException fault)
        {
            throw Bad(
                JsonPath.ToPointer(fault.Path ?? ""), "The member has another type, or there is none of this name.");
        }
    }

    private static ProblemException Bad(string pointer, string text) => new(ErrorCodes.RequestBadField)
    {
        Faults = [new(pointer, ErrorCodes.RequestBadField.Code, text)],
    };
}

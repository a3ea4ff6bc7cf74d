namespace Probity.Server.Access.Scim;

/// <summary>A refusal in SCIM's words. Source: RFC 7644 section 3.12.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">The <c>scimType</c>; null where the standard has none.</param>
/// <param name="detail">What is wrong, without values.</param>
internal sealed class ScimException(int status, string? type, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string? ScimType { get; } = type;

    public static ScimException NotFound() => new(StatusCodes.Status404NotFound, null, "No resource has this id.");

    public static ScimException BadValue(string detail) => new(StatusCodes.Status400BadRequest, "invalidValue", detail);

    public static ScimException BadPath(string detail) => new(StatusCodes.Status400BadRequest, "invalidPath", detail);

    public static ScimException Taken(string detail) => new(StatusCodes.Status409Conflict, "uniqueness", detail);
}

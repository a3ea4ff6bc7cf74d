using Newtonsoft.Json.Linq;
using NJsonSchema.Validation;

namespace Probity.Server.AuditTrail.Schemas;

/// <summary>
/// Where a schema is not met, as a JSON Pointer (RFC 6901). It is made from the value at fault: the validator's own
/// path joins names with dots, so that a name with a dot in it cannot be told from two names.
/// </summary>
internal static class ViolationPointer
{
    public static string Of(ValidationError error)
    {
        var steps = new Stack<string>();
        if (error.Kind == ValidationErrorKind.PropertyRequired && error.Property is { } missing)
        {
            steps.Push(missing); // The value at fault is the object that lacks it.
        }

        for (var at = error.Token; at is not null; at = at.Parent)
        {
            if (at is JProperty member)
            {
                steps.Push(member.Name);
            }
            else if (at.Parent is JArray list)
            {
                steps.Push(list.IndexOf(at).ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return string.Concat(steps.Select(step => "/" + Escape(step)));
    }

    private static string Escape(string step) =>
        step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

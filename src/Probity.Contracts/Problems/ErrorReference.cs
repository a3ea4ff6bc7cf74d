using System.Globalization;
using System.Text;

namespace Probity.Contracts.Problems;

/// <summary>Writes the reference page of the codes from the catalogue.</summary>
public static class ErrorReference
{
    /// <summary>The text of <c>docs/reference/errors.md</c>, with LF line ends.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("# Error codes\n\n");
        text.Append("Written by `probity docs errors` from `Probity.Contracts/Problems/ErrorCodes.cs`; a test compares the two.\n\n");
        text.Append("Every refusal is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `instance`, and\n");
        text.Append("`code` (stable), `errors` (each `pointer`, `code`, `detail`), `trace_id`. 429 is the caller's own quota; 503 is\n");
        text.Append("the server's and comes with `Retry-After` where a retry helps.\n\n");
        text.Append("| code | status | what is wrong | what to do |\n|---|---|---|---|\n");
        foreach (var code in ErrorCodes.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{code.Code}` | {code.Status} | {code.Title} | {code.Remedy} |\n");
        }

        return text.ToString();
    }
}

using System.Globalization;
using System.Text;

namespace Probity.Server.Access;

/// <summary>Writes the reference page of the permissions.</summary>
internal static class PermissionReference
{
    /// <summary>The text of <c>docs/reference/permissions.md</c>, with LF line ends.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("# Permissions\n\n");
        text.Append("Written by `probity docs permissions` from `Probity.Server/Access/Permission.cs`; a test compares the two.\n\n");
        text.Append("A scope of an API key is one of these names. An endpoint asks for exactly one, or says why it asks for none.\n\n");
        text.Append("| permission | what it allows |\n|---|---|\n");
        foreach (var permission in Permission.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{permission.Name}` | {permission.Meaning} |\n");
        }

        return text.ToString();
    }
}

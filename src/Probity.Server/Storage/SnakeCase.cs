using System.Text;

namespace Probity.Server.Storage;

/// <summary>Column names: <c>LastUsedDay</c> becomes <c>last_used_day</c>. Digits stay with the word before them.</summary>
internal static class SnakeCase
{
    public static string From(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}

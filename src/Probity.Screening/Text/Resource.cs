namespace Probity.Screening.Text;

/// <summary>Reads the tables compiled into this library.</summary>
internal static class Resource
{
    /// <summary>Reads the lines of a table, in order, empty ones and comments (<c>#</c>) left out.</summary>
    /// <exception cref="InvalidOperationException">The library was built without the table.</exception>
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(Resource).Assembly.GetManifestResourceStream($"Probity.Screening.Data.{name}")
            ?? throw new InvalidOperationException($"The table {name} is not in this build of Probity.Screening.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length != 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}

using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Pack;

/// <summary>What ships with the product: the default rules, their dated data and the schema. Thread safe.</summary>
public static class RulePack
{
    private const string Rules = "rules/";

    /// <summary>Reads the documents of the default rules, in order of name.</summary>
    public static IReadOnlyList<RuleDocument> Documents() =>
        [.. typeof(RulePack).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Rules, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new RuleDocument(name[Rules.Length..], Resource(name)))];

    /// <summary>
    /// Reads the shipped lists, thresholds and calendars. Rates are the institution's own: there are none.
    /// </summary>
    public static ReferenceBook Book() => ReferenceBookReader.Read(BookDocument());

    /// <summary>Reads the document that <see cref="Book"/> is read from.</summary>
    public static ReadOnlyMemory<byte> BookDocument() => Resource("reference.json");

    /// <summary>Reads the JSON Schema (2020-12) of rule documents.</summary>
    public static ReadOnlyMemory<byte> Schema() => Resource("rule.schema.json");

    /// <summary>Compiles the default rules.</summary>
    /// <exception cref="InvalidOperationException">A shipped rule has a fault, which a test excludes.</exception>
    public static RuleSet Compile(ReferenceBook book) => RuleSet.Compile(Documents(), book) switch
    {
        RuleSetResult.Compiled compiled => compiled.Rules,
        RuleSetResult.Refused refused => throw new InvalidOperationException(
            string.Join(Environment.NewLine, refused.Faults)),
        _ => throw new InvalidOperationException(),
    };

    private static byte[] Resource(string name)
    {
        using var stream = typeof(RulePack).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the build.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

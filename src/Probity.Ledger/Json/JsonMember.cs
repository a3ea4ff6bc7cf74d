namespace Probity.Ledger.Json;

/// <summary>One member of an object.</summary>
/// <param name="Name">Its name, an item of kind string.</param>
/// <param name="Value">Its value.</param>
public readonly record struct JsonMember(JsonItem Name, JsonItem Value)
{
    /// <summary>Whether the member has this name.</summary>
    /// <param name="name">The name, unescaped, in UTF-8.</param>
    public bool NameEquals(ReadOnlySpan<byte> name) => Name.ValueEquals(name);
}

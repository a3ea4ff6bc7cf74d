using System.Diagnostics.CodeAnalysis;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Where a root key lies in a device. Source: RFC 7512, the attributes that are needed here.</summary>
/// <param name="Token">The label of the token.</param>
/// <param name="Object">The label of the AES-256 key.</param>
/// <param name="ModulePath">The device's PKCS#11 library.</param>
/// <param name="PinFile">The file that holds the PIN; a PIN in the URI itself is refused.</param>
internal sealed record TokenUri(string Token, string Object, string ModulePath, string PinFile)
{
    private const string Scheme = "pkcs11:";
    private const string FileScheme = "file:";

    public static Reading<TokenUri> Read(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return Reading.Refuse<TokenUri>("it does not begin with pkcs11:");
        }

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text[Scheme.Length..].Split([';', '?', '&'], StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !attributes.TryAdd(part[..at], Uri.UnescapeDataString(part[(at + 1)..])))
            {
                return Reading.Refuse<TokenUri>("an attribute has no value or is there twice");
            }
        }

        if (attributes.ContainsKey("pin-value"))
        {
            return Reading.Refuse<TokenUri>(
                "it holds the PIN itself; put it into a file and name that with pin-source");
        }

        return TryGet(attributes, "token", out var token) && TryGet(attributes, "object", out var key)
            && TryGet(attributes, "module-path", out var module) && TryGet(attributes, "pin-source", out var pin)
            && pin.StartsWith(FileScheme, StringComparison.Ordinal)
            ? Reading.Of(new TokenUri(token, key, module, pin[FileScheme.Length..]))
            : Reading.Refuse<TokenUri>("token, object, module-path or pin-source=file:… is missing");
    }

    private static bool TryGet(
        Dictionary<string, string> attributes, string name, [NotNullWhen(true)] out string? value) =>
        attributes.TryGetValue(name, out value) && value.Length > 0;
}

using System.Reflection;
using System.Runtime.InteropServices;
using Probity.Contracts.Service;

namespace Probity.Server.Hosting;

internal static class ProductVersion
{
    public static VersionView Current { get; } = Read();

    private static VersionView Read()
    {
        var text = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return new VersionView(
            "probity", plus < 0 ? text : text[..plus], plus < 0 ? null : text[(plus + 1)..], RuntimeInformation.FrameworkDescription);
    }
}

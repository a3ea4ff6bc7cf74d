using System.Runtime.CompilerServices;

namespace Probity.Server.Hosting;

/// <summary>
/// Without this switch of the framework a gzip body that is cut off reads as a complete one. It is set in the program,
/// not only in its project file, so that it holds wherever the program is hosted.
/// </summary>
internal static class StrictDecompression
{
    internal const string Switch = "System.IO.Compression.UseStrictValidation";

    /// <summary>Runs before any other code of this assembly; the framework reads the switch once, at its first use.</summary>
    [ModuleInitializer]
    internal static void Require() => AppContext.SetSwitch(Switch, true);
}

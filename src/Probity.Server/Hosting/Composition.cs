using Probity.Server.Hosting.Cli;

namespace Probity.Server.Hosting;

/// <summary>The composition root: which module stands behind which seam.</summary>
internal static class Composition
{
    public static VerbBodies Bodies { get; } = new()
    {
        Modules = new ServerModules
        {
            Add = static (_, _) => { },
            Map = static (_, _) => { },
        },
        Migrate = static (_, _, _) => throw NotYet("migrate"),
        ImportEvents = static (_, _, _) => throw NotYet("events import"),
        VerifyLedger = static (_, _, _) => throw NotYet("ledger verify"),
        ExportLedger = static (_, _, _) => throw NotYet("ledger export"),
        PrintCheckpoint = static (_, _) => throw NotYet("ledger checkpoint"),
    };

    private static ExpectedFaultException NotYet(string verb) =>
        new($"`{verb}` is not built yet.", "Use a newer version.");
}

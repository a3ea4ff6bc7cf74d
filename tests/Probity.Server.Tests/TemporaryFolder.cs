namespace Probity.Server.Tests;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TemporaryFolder(string? parent = null) : IDisposable
{
    public string Path { get; } = parent is null
        ? Directory.CreateTempSubdirectory("probity-test-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(parent, "probity-test-" + Guid.CreateVersion7())).FullName;

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

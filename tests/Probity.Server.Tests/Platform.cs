using System.Runtime.Versioning;

// The tests look at file modes, which Windows does not have.
[assembly: SupportedOSPlatform("linux")]

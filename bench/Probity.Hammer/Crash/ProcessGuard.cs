using System.Diagnostics;
using System.Globalization;

namespace Probity.Hammer.Crash;

/// <summary>
/// Ends the server when this process ends, however it ends: a shell holds the reading end of a pipe from here, is told
/// each new process id, and kills the last one when the pipe closes. No server is left behind by a killed driver.
/// </summary>
internal sealed class ProcessGuard : IDisposable
{
    private const string Script =
        "pid=0; while read -r next; do pid=$next; done; if [ \"$pid\" -gt 0 ]; then kill -9 \"$pid\" 2>/dev/null; fi";

    private readonly Process _shell = Process.Start(
        new ProcessStartInfo("/bin/sh", ["-c", Script]) { RedirectStandardInput = true })
        ?? throw new HammerException("The guard of the server did not start.");

    /// <summary>Names the process to end; 0 when there is none.</summary>
    public void Watch(int processId)
    {
        _shell.StandardInput.WriteLine(processId.ToString(CultureInfo.InvariantCulture));
        _shell.StandardInput.Flush();
    }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }
}

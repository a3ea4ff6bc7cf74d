using System.Runtime.InteropServices;

namespace Probity.Hammer.Load;

/// <summary>
/// Waits for less than a millisecond. The waits of the runtime end up to two milliseconds late, which was told as the
/// server's: half of its median at 1,250 requests a second.
/// </summary>
internal static class PreciseWait
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>
    /// Waits at least so long, and as a rule 0.1 ms longer at most; on Windows for a tick of its clock.
    /// </summary>
    /// <param name="time">More than zero.</param>
    public static void For(TimeSpan time)
    {
        if (OperatingSystem.IsWindows())
        {
            Thread.CurrentThread.Join(time);
            return;
        }

        var nanoseconds = (long)time.TotalNanoseconds;
        var request = new TimeSpec(nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond);
        _ = NanoSleep(in request, IntPtr.Zero); // A signal ends it early; the caller looks at the clock.
    }

    [DllImport("libc", EntryPoint = "nanosleep", SetLastError = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpec request, IntPtr remaining);

    // nanosleep(2): struct timespec, both members as long as a register on the systems that .NET runs on in 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds)
    {
        public TimeSpec(long seconds, long nanoseconds)
            : this((nint)seconds, (nint)nanoseconds)
        {
        }
    }
}

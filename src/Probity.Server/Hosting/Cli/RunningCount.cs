namespace Probity.Server.Hosting.Cli;

/// <summary>
/// A count that runs on one line, written at most four times a second: a log with millions of entries reports thousands
/// of times. It writes at once, since what <see cref="Progress{T}"/> posts may come when the verb has ended. Not thread
/// safe.
/// </summary>
/// <param name="error">Where the line goes.</param>
/// <param name="clock">Tells when the next one is due.</param>
/// <param name="unit">What is counted.</param>
internal sealed class RunningCount(TextWriter error, TimeProvider clock, string unit) : IProgress<long>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _next = s_pause;

    public void Report(long value)
    {
        var elapsed = clock.GetElapsedTime(_started);
        if (elapsed >= _next)
        {
            _next = elapsed + s_pause;
            error.Write($"\r{value:N0} {unit}");
        }
    }

    /// <summary>Ends the line, if there is one.</summary>
    public void End()
    {
        if (_next > s_pause)
        {
            error.WriteLine();
        }
    }
}

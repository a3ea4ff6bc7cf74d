using System.Runtime;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// Holds back the collector while much is made that all stays: a start makes gigabytes of state, and each collection
/// meanwhile marks and moves what grows and never goes. Memory is taken in stretches, with one collection between two
/// of them. Where there is no room for a stretch, or another part of the process ends it, collections go on as ever.
/// One at a time in a process; not thread safe.
/// </summary>
internal sealed class HeldCollections : IDisposable
{
    private const long Most = 2L << 30;
    private const long Least = 64L << 20;

    /// <summary>What other threads and one more pack may allocate before a stretch is renewed.</summary>
    private const int ReservedPart = 8;

    /// <summary>A stretch is at most this part of the memory that the process may use.</summary>
    private const int PartOfMemory = 8;

    private readonly long _stretch;
    private long _from;
    private bool _wasHeld;

    /// <summary>Begins.</summary>
    /// <param name="expected">The bytes that are likely to be allocated: no stretch is longer; below 64 MB none
    /// begins.</param>
    public HeldCollections(long expected)
    {
        _stretch = Math.Min(
            Math.Min(expected, Most), GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes / PartOfMemory);
        Begin();
    }

    private static bool IsHeld => GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;

    /// <summary>Lets one collection happen when the stretch is nearly used up. To be called now and then.</summary>
    public void Renew()
    {
        if (_stretch >= Least && GC.GetTotalAllocatedBytes() - _from > _stretch - (_stretch / ReservedPart))
        {
            End();
            Begin();
        }
    }

    /// <summary>
    /// Ends it, and has what was made grow old at once: the first two collections under load would move it else, and
    /// requests would wait for each of them.
    /// </summary>
    public void Dispose()
    {
        if (!_wasHeld)
        {
            return;
        }

        _wasHeld = false;
        End();
        GC.Collect(0);
        GC.Collect(1);
    }

    private void Begin()
    {
        _from = GC.GetTotalAllocatedBytes();
        if (_stretch < Least || IsHeld)
        {
            return;
        }

        try
        {
            _wasHeld |= GC.TryStartNoGCRegion(_stretch);
        }
        catch (Exception refused) when (refused is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // More than this collector can set aside, or begun by somebody else: it collects as ever.
        }
    }

    private static void End()
    {
        try
        {
            if (IsHeld)
            {
                GC.EndNoGCRegion();
            }
        }
        catch (InvalidOperationException)
        {
            // It had ended meanwhile, since more was allocated than was set aside.
        }
    }
}

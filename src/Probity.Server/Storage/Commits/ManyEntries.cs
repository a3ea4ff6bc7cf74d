using System.Runtime.ExceptionServices;

namespace Probity.Server.Storage.Commits;

/// <summary>Makes the entries of a large commit on all processors: sealing them is most of its work.</summary>
internal static class ManyEntries
{
    /// <summary>Below this many a second thread costs more than it takes over.</summary>
    private const int Few = 16;

    /// <summary>Makes each of them, in any order, and gives them in theirs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="make">Makes the one of a place; called from several threads at once.</param>
    /// <remarks>
    /// What <paramref name="make"/> throws first is thrown as it is. A thread that makes way to requests does it alone,
    /// with rests: the others would not make way.
    /// </remarks>
    public static T[] Make<T>(int count, Func<int, T> make)
    {
        var made = new T[count];
        if (count < Few || OwnThread.IsMakingWay)
        {
            for (var i = 0; i < count; i++)
            {
                made[i] = make(i);
                OwnThread.Breathe();
            }

            return made;
        }

        try
        {
            Parallel.For(0, count, i => made[i] = make(i));
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }

        return made;
    }
}

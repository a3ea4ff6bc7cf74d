using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Storage.Commits;

/// <summary>Two who change the same thing at once: the second reads again and decides anew.</summary>
internal static class CommitRaces
{
    /// <summary>So often a change is tried anew when another one came first.</summary>
    public const int MaxTries = 3;

    /// <summary>Whether a commit failed because another one came first.</summary>
    public static bool IsRace(Exception fault) =>
        fault is StorageException { Code: "storage.row_changed" } or DbUpdateException;

    /// <summary>Tries a change with a unit of work of its own, up to <see cref="MaxTries"/> times.</summary>
    /// <param name="attempt">Reads, decides and commits.</param>
    /// <param name="code">What is answered when somebody else was first every time.</param>
    /// <exception cref="ProblemException">Somebody else was first every time.</exception>
    public static async Task<T> AgainAsync<T>(Func<Task<T>> attempt, ErrorCode code)
    {
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            try
            {
                return await attempt();
            }
            catch (Exception raced) when (IsRace(raced))
            {
                // Read again and decide anew.
            }
        }

        throw new ProblemException(code);
    }
}

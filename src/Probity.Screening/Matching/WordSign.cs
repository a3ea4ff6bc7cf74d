using System.Numerics;

namespace Probity.Screening.Matching;

/// <summary>
/// What can be told of a word without looking at it: its letters as a set, its length and a hash of its consonants.
/// Each letter that only one of two words has needs an edit of its own, so that most words that share a deletion are
/// ruled out by two machine words, and nothing within the bound is.
/// </summary>
internal static class WordSign
{
    /// <summary>The sign of a word that is never ruled out.</summary>
    public const ulong Any = ulong.MaxValue;

    private const int LengthShift = 32;
    private const int SkeletonShift = 40;
    private const int LongestKept = 0xfe;
    private const uint Consonants = 0x10000;

    /// <summary>Gets the letters of a word as a set; letters may share a place, which rules out less.</summary>
    public static uint Letters(ReadOnlySpan<char> word)
    {
        var letters = 0u;
        foreach (var letter in word)
        {
            letters |= 1u << (letter & 31);
        }

        return letters;
    }

    /// <summary>Gets the sign of a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="skeleton">Words of the same consonants are not ruled out; "" for none.</param>
    public static ulong Of(ReadOnlySpan<char> word, ReadOnlySpan<char> skeleton)
    {
        unchecked
        {
            var hash = 2166136261u;
            foreach (var letter in skeleton)
            {
                hash = (hash ^ letter) * 16777619u;
            }

            hash = skeleton.IsEmpty ? 0 : ((hash ^ (hash >> 16)) & 0xffff) | Consonants;
            return Letters(word) | ((ulong)Math.Min(word.Length, LongestKept) << LengthShift)
                | ((ulong)hash << SkeletonShift);
        }
    }

    /// <summary>Gets whether two words need more edits than a bound, whatever their order of letters.</summary>
    public static bool IsFarther(ulong one, ulong other, int edits)
    {
        if (one == Any || other == Any || (one >> SkeletonShift == other >> SkeletonShift && one >> SkeletonShift != 0))
        {
            return false;
        }

        var (letters, others) = unchecked(((uint)one, (uint)other));
        return BitOperations.PopCount(letters & ~others) > edits || BitOperations.PopCount(others & ~letters) > edits
            || Math.Abs((int)((one >> LengthShift) & 0xff) - (int)((other >> LengthShift) & 0xff)) > edits;
    }
}

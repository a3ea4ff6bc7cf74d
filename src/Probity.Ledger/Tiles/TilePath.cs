using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Probity.Ledger.Tiles;

/// <summary>
/// The place of a tile or an entry bundle below a log's URL prefix, without a leading slash:
/// <c>tile/0/x001/x234/067.p/112</c>. Source: C2SP tlog-tiles, Merkle Tree and Log entries.
/// </summary>
/// <param name="Level">The tile level, 0 to 63, or <see cref="Entries"/> for a bundle of entries.</param>
/// <param name="Index">The tile's index within its level, from 0.</param>
/// <param name="Width">Hashes or entries in the tile, 1 to 256; below 256 the tile is partial.</param>
public readonly record struct TilePath(int Level, long Index, int Width)
{
    /// <summary>The level that stands for entry bundles: -1.</summary>
    public const int Entries = -1;

    /// <summary>Hashes in a full tile, or entries in a full bundle: 256.</summary>
    public const int FullWidth = 256;

    /// <summary>The highest level a path may name: 63. A tree of 2^63 entries needs 7.</summary>
    public const int MaxLevel = 63;

    private const string Root = "tile/";
    private const string EntriesName = "entries";
    private const string Partial = ".p/";

    // "tile/entries/", seven groups of three digits, ".p/255": more cannot be a path of ours.
    private const int MaxChars = 64;

    /// <summary>The tile level, 0 to 63, or -1 for entries.</summary>
    public int Level { get; } = Level is >= Entries and <= MaxLevel
        ? Level
        : throw new ArgumentOutOfRangeException(nameof(Level), Level, "A tile level is 0 to 63, or -1 for entries.");

    /// <summary>The tile's index within its level.</summary>
    public long Index { get; } = Index >= 0
        ? Index
        : throw new ArgumentOutOfRangeException(nameof(Index), Index, "A tile index is not negative.");

    /// <summary>Hashes or entries in the tile.</summary>
    public int Width { get; } = Width is >= 1 and <= FullWidth
        ? Width
        : throw new ArgumentOutOfRangeException(nameof(Width), Width, "A tile is 1 to 256 wide.");

    /// <summary>Whether the tile has fewer than 256 hashes or entries.</summary>
    public bool IsPartial => Width < FullWidth;

    /// <summary>Reads a path; only the exact form that <see cref="ToString"/> writes is accepted.</summary>
    /// <exception cref="FormatException">The text is no tile path.</exception>
    public static TilePath Parse(string path) => TryParse(path, out var tile)
        ? tile
        : throw new FormatException("A tile path is tile/<level or entries>/<index>[.p/<width>], see C2SP tlog-tiles.");

    /// <summary>Reads a path, or says that it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? path, out TilePath tile)
    {
        tile = default;
        if (path is null || path.Length > MaxChars || !path.StartsWith(Root, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(Root.Length);
        var slash = rest.IndexOf('/');
        if (slash < 0 || !TryLevel(rest[..slash], out var level) || !TryWidth(ref rest, out var width)
            || !TryIndex(rest[(slash + 1)..], out var index))
        {
            return false;
        }

        tile = new TilePath(level, index, width);
        return true;
    }

    /// <summary>The path without a leading slash.</summary>
    public override string ToString()
    {
        var path = new StringBuilder(Root);
        path = Level == Entries ? path.Append(EntriesName) : path.Append(CultureInfo.InvariantCulture, $"{Level}");
        AppendIndex(path.Append('/'), Index);
        return IsPartial ? path.Append(CultureInfo.InvariantCulture, $"{Partial}{Width}").ToString() : path.ToString();
    }

    private static void AppendIndex(StringBuilder path, long index)
    {
        if (index >= 1000)
        {
            AppendLeadingGroups(path, index / 1000);
        }

        path.Append(CultureInfo.InvariantCulture, $"{index % 1000:000}");
    }

    private static void AppendLeadingGroups(StringBuilder path, long index)
    {
        if (index >= 1000)
        {
            AppendLeadingGroups(path, index / 1000);
        }

        path.Append(CultureInfo.InvariantCulture, $"x{index % 1000:000}/");
    }

    private static bool TryLevel(ReadOnlySpan<char> text, out int level)
    {
        level = Entries;
        return text.SequenceEqual(EntriesName) || (TryNumber(text, out level) && level <= MaxLevel);
    }

    /// <summary>Takes the width off the end of the path; without one the tile is full.</summary>
    private static bool TryWidth(ref ReadOnlySpan<char> rest, out int width)
    {
        width = FullWidth;
        var at = rest.IndexOf(Partial);
        if (at < 0)
        {
            return true;
        }

        if (!TryNumber(rest[(at + Partial.Length)..], out width) || width is < 1 or >= FullWidth)
        {
            return false;
        }

        rest = rest[..at];
        return true;
    }

    /// <summary>Reads one to three digits without leading zeros.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is >= 1 and <= 3 && !text.ContainsAnyExceptInRange('0', '9')
            && (text[0] != '0' || text.Length == 1)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryIndex(ReadOnlySpan<char> text, out long index)
    {
        index = 0;
        var first = true;
        while (text.Length > 3)
        {
            // A leading group of zeros would be a second name of the same tile.
            if (text.Length < 5 || text[0] != 'x' || text[4] != '/' || !TryGroup(text[1..4], ref index)
                || (first && index == 0))
            {
                return false;
            }

            first = false;
            text = text[5..];
        }

        return TryGroup(text, ref index);
    }

    private static bool TryGroup(ReadOnlySpan<char> digits, ref long index)
    {
        if (digits.Length != 3 || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var group = int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (index > (long.MaxValue - group) / 1000)
        {
            return false;
        }

        index = (index * 1000) + group;
        return true;
    }
}

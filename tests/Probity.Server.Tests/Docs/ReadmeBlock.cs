namespace Probity.Server.Tests.Docs;

/// <summary>A fenced <c>sh</c> block of a Markdown file.</summary>
/// <param name="Line">The line of its opening fence, from 1.</param>
/// <param name="Text">What is between the fences, each line with its newline.</param>
/// <param name="NotRunBecause">The reason in the comment directly above that says it is not run, or null.</param>
internal sealed record ReadmeBlock(int Line, string Text, string? NotRunBecause)
{
    private const string CommentStart = "<!-- not run:";
    private const string CommentEnd = "-->";

    /// <summary>
    /// The <c>sh</c> blocks of a text, in order. Blocks of other languages are passed over, also when they contain
    /// something that looks like a fence: a fence closes with the same character, at least as long.
    /// Source: CommonMark 0.31 §4.5, for fences indented by up to three spaces.
    /// </summary>
    /// <exception cref="FormatException">A fence is not closed, or a comment gives no reason.</exception>
    public static IReadOnlyList<ReadmeBlock> Read(string markdown)
    {
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<ReadmeBlock>();
        for (var at = 0; at < lines.Length; at++)
        {
            if (FenceOf(lines[at]) is not { } fence)
            {
                continue;
            }

            var close = Array.FindIndex(lines, at + 1, line => Closes(line, fence));
            if (close < 0)
            {
                throw new FormatException($"The fence of line {at + 1} is not closed.");
            }

            if (lines[at].Trim()[fence.Length..].Trim().Split(' ')[0] == "sh")
            {
                var text = string.Concat(lines[(at + 1)..close].Select(line => line + "\n"));
                blocks.Add(new ReadmeBlock(at + 1, text, ReasonAbove(lines, at)));
            }

            at = close;
        }

        return blocks;
    }

    private static string? FenceOf(string line)
    {
        var text = line.TrimStart(' ');
        var isFence = line.Length - text.Length <= 3
            && (text.StartsWith("```", StringComparison.Ordinal) || text.StartsWith("~~~", StringComparison.Ordinal));
        return isFence ? text[..(text.Length - text.TrimStart(text[0]).Length)] : null;
    }

    private static bool Closes(string line, string fence) =>
        FenceOf(line) is { } other && other[0] == fence[0] && other.Length >= fence.Length && line.Trim() == other;

    private static string? ReasonAbove(string[] lines, int fenceAt)
    {
        var above = fenceAt == 0 ? "" : lines[fenceAt - 1].Trim();
        if (!above.StartsWith(CommentStart, StringComparison.Ordinal)
            || !above.EndsWith(CommentEnd, StringComparison.Ordinal))
        {
            return null;
        }

        var reason = above[CommentStart.Length..^CommentEnd.Length].Trim();
        return reason.Length > 0
            ? reason
            : throw new FormatException($"The comment of line {fenceAt} does not say why the block is not run.");
    }
}

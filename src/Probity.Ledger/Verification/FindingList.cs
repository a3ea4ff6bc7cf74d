namespace Probity.Ledger.Verification;

/// <summary>Puts findings in order and their common words in one place.</summary>
internal static class FindingList
{
    /// <summary>Sorts by first entry, those without one last, and joins neighbours of one kind.</summary>
    public static List<Finding> Fold(IEnumerable<Finding> findings)
    {
        var folded = new List<Finding>();
        foreach (var finding in findings.OrderBy(f => f.FirstSeq ?? long.MaxValue))
        {
            if (folded.Count > 0 && CanJoin(folded[^1], finding))
            {
                var (first, last) = (folded[^1].FirstSeq!.Value, Math.Max(finding.LastSeq!.Value, folded[^1].LastSeq!.Value));
                folded[^1] = folded[^1] with
                {
                    LastSeq = last,
                    Where = Entries(first, last),
                    Affected = Affected(finding.Kind, first, last),
                };
                continue;
            }

            folded.Add(finding);
        }

        return folded;
    }

    public static string Entries(long first, long last) => first == last ? $"entry/{first}" : $"entry/{first}-{last}";

    public static string Affected(FindingKind kind, long first, long last)
    {
        var entries = first == last ? $"Entry {first}" : $"Entries {first} to {last}";
        return kind switch
        {
            FindingKind.Changed => $"{entries}: what is stored cannot be proven and must not be relied on.",
            FindingKind.Deleted or FindingKind.Truncated => $"{entries}: gone, although they were sequenced. Proofs of them "
                + "given out before still hold against the checkpoints.",
            FindingKind.Inserted => $"{(first == last ? $"Row {first}" : $"Rows {first} to {last}")}: not part of the log and "
                + "not provable.",
            FindingKind.Reordered => $"{entries}: genuine, but to be read in the order of their own numbers.",
            FindingKind.HashAltered => $"The stored hash of {entries.ToLowerInvariant()}. The entries and their proofs hold.",
            _ => entries + ".",
        };
    }

    private static bool CanJoin(Finding a, Finding b) =>
        a.Kind == b.Kind && b.FirstSeq is not null && b.FirstSeq == a.LastSeq + 1
        && a.Kind is FindingKind.Changed or FindingKind.HashAltered or FindingKind.Inserted or FindingKind.Deleted;
}

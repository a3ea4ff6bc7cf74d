using System.Globalization;
using System.Text;
using Probity.Contracts.Screening;

namespace Probity.Server.Screening.Lists;

/// <summary>Answers of <c>probity lists</c> for people.</summary>
internal static class ListsText
{
    public static string Load(ListLoadResult result)
    {
        var text = new StringBuilder();
        foreach (var outcome in result.Lists)
        {
            Outcome(text, outcome);
        }

        return text.ToString();
    }

    public static string Status(ListStatusList status)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture, $"{"LIST",-16} {"ENTRIES",8} {"PUBLISHED",-10} {"CHECKED",-16} VERSION");
        foreach (var list in status.Lists)
        {
            var live = list.Active;
            var entries = live?.Entries.ToString(CultureInfo.InvariantCulture) ?? "none";
            var seen = list.CheckedAt?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "never";
            text.Append(CultureInfo.InvariantCulture, $"{list.List,-16} {entries,8} {Day(live?.PublishedOn),-10} ")
                .Append(CultureInfo.InvariantCulture, $"{seen,-16} {live?.Id ?? "nothing is live"}")
                .Append(list.IsStale ? "  STALE" : "")
                .AppendLine(list.Waiting is { } waiting ? $"  waiting: {waiting.Id}" : "");
            if (list.LastFault is { } fault)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    last attempt: {fault}");
            }
        }

        return text.ToString();
    }

    public static string Diff(ListDiffView diff)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{diff.List}: {diff.From ?? "nothing"} -> {diff.To}: {diff.AddedCount} added, "
            + $"{diff.RemovedCount} removed, {diff.ChangedCount} changed");
        foreach (var entry in diff.Added)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  + {entry.Uid}  {entry.Name}");
        }

        foreach (var entry in diff.Removed)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {entry.Uid}  {entry.Name}");
        }

        foreach (var entry in diff.Changed)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  ~ {entry.Uid}  {entry.Name}");
            foreach (var field in entry.Fields)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"      {field.Field}: -[{string.Join("; ", field.Removed)}] +[{string.Join("; ", field.Added)}]");
            }
        }

        return text.ToString();
    }

    private static void Outcome(StringBuilder text, ListLoadOutcome outcome)
    {
        var what = outcome.List ?? string.Join(", ", outcome.Files);
        var version = outcome.Version;
        text.AppendLine(version is null
            ? $"{what}: {outcome.Outcome}"
            : string.Create(CultureInfo.InvariantCulture,
                $"{what}: {outcome.Outcome}, {version.Entries} entries{Of(version)}, {version.Added} added, "
                + $"{version.Removed} removed, {version.Changed} changed; "
                + $"{(version.IsActive ? "live" : "not live")} as {version.Id}"));
        foreach (var finding in outcome.Findings)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                    $"    {(finding.IsAccepted ? "accepted" : "refused")} [{finding.Code}] {finding.Text}");
        }

        foreach (var warning in outcome.Warnings.Take(10))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    note: {warning}");
        }
    }

    private static string Of(ListVersionView version) => version.PublishedOn is null ? ""
        : $" of {Day(version.PublishedOn)}";

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-";
}

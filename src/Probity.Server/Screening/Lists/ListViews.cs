using System.Globalization;
using System.Text.Json;
using Probity.Contracts.Screening;
using Probity.Screening.Lists.Diff;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;
using Probity.Server.Access;

namespace Probity.Server.Screening.Lists;

/// <summary>Rows and differences as the API and the command line show them.</summary>
internal static class ListViews
{
    /// <summary>Makes the row of a version.</summary>
    public static ListVersionRow Row(
        ListReadResult.Accepted read, ListDiff diff, IReadOnlyList<string> accepted, DateTimeOffset now)
    {
        var version = read.List.Version;
        return new ListVersionRow
        {
            Id = AccessIds.New(ListVersionRow.Prefix, now),
            List = version.List.Value,
            Sha256 = version.Sha256,
            Format = Snake(read.Report.Format.ToString()),
            PublishedOn = version.PublishedOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Entries = version.Count,
            Added = diff.Added.Length,
            Removed = diff.Removed.Length,
            Changed = diff.Changed.Length,
            Accepted = string.Join(' ', accepted),
            MissingParts = string.Join(' ', read.Report.MissingParts),
            Parts = JsonSerializer.Serialize(
                read.Report.Parts.Select(part => new StoredPart(part.Name, part.Role, part.Sha256, part.Bytes))),
            LoadedAt = now,
        };
    }

    public static ListVersionView Of(ListVersionRow row, bool isActive) => new()
    {
        Id = row.Id,
        List = row.List,
        Sha256 = row.Sha256,
        Format = row.Format,
        PublishedOn = row.PublishedOn is null ? null
            : DateOnly.ParseExact(row.PublishedOn, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        Entries = row.Entries,
        Added = row.Added,
        Removed = row.Removed,
        Changed = row.Changed,
        Accepted = row.Accepted.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        MissingParts = row.MissingParts.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        LoadedAt = row.LoadedAt,
        IsActive = isActive,
    };

    public static ListDiffView Of(string list, string? from, string to, ListDiff diff, int limit) => new()
    {
        List = list,
        From = from,
        To = to,
        AddedCount = diff.Added.Length,
        RemovedCount = diff.Removed.Length,
        ChangedCount = diff.Changed.Length,
        Added = [.. diff.Added.Take(limit).Select(Name)],
        Removed = [.. diff.Removed.Take(limit).Select(Name)],
        Changed = [.. diff.Changed.Take(limit).Select(change => new ListedEntryChange(
            change.After.Uid, change.After.DisplayName,
            [.. change.Fields.Select(field => new ListedFieldChange(field.Field, field.Removed, field.Added))]))],
    };

    /// <summary>Writes a name in Pascal case as snake case.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static ListedEntryName Name(ListedEntity entity) => new(entity.Uid, entity.DisplayName);
}

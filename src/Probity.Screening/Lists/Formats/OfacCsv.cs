using System.Globalization;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>The part a file plays in OFAC's legacy CSV set.</summary>
internal enum OfacRole
{
    Primary,
    Alt,
    Add,
    Comments,
}

/// <summary>Reads OFAC's legacy CSV sets: SDN (sdn, alt, add, sdn_comments) and Consolidated (cons_*).</summary>
/// <remarks>
/// Source: OFAC "Data Specification for SDN and Consolidated legacy files". No header; null is <c>-0- </c>; the file
/// ends with 0x1A; programmes are joined by <c>] [</c>; a remark longer than 1,000 characters goes on in the comments
/// file. Files that somebody saved again with a header row, and SDN files to which the non-SDN rows were appended (a
/// uid then occurs twice and the rows are merged), are read too.
/// </remarks>
internal static class OfacCsv
{
    private const int CutRemark = 1000;

    private static readonly string[] s_nonSdn =
    [
        "NS-PLC", "UKRAINE-EO13662", "CMIC-", "FSE-", "561-", "MBS", "CAPTA", "RUSSIA-EO14024-DIR", "NS-",
    ];

    /// <summary>Tells which part a file is from its first row, or null when it is none.</summary>
    public static OfacRole? RoleOf(IReadOnlyList<string> first, IReadOnlyList<string>? second)
    {
        var row = IsNumber(first[0]) ? first : second is not null && IsHeader(first) ? second : null;
        if (row is null || !IsNumber(row[0]))
        {
            return null;
        }

        return row.Count switch
        {
            12 => OfacRole.Primary,
            6 when IsNumber(row[1]) => OfacRole.Add,
            5 when IsNumber(row[1]) && row[2].Trim() is "aka" or "fka" or "nka" => OfacRole.Alt,
            2 when !IsNumber(row[1]) => OfacRole.Comments,
            _ => null,
        };
    }

    /// <summary>Reads a set.</summary>
    /// <param name="files">The files with their parts; exactly one primary file.</param>
    /// <param name="limits">The bounds.</param>
    public static ListReadResult.Accepted Read(IReadOnlyDictionary<OfacRole, ListFile> files, ListLimits limits)
    {
        var primary = files[OfacRole.Primary];
        var context = new ReadContext(ListFormat.OfacCsv, limits) { HasOrderedUids = true };
        var comments = files.TryGetValue(OfacRole.Comments, out var file) ? Comments(file, context) : [];
        Primary(primary, comments, context);
        WarnOfOrphans(comments, files, context);
        foreach (var (role, read) in new[] { (OfacRole.Alt, (Reader)Alt), (OfacRole.Add, Add) })
        {
            if (files.TryGetValue(role, out var part))
            {
                Rows(part, context, role, read);
            }
            else
            {
                context.MissingParts.Add(RoleName(role));
            }
        }

        if (file is null)
        {
            context.MissingParts.Add(RoleName(OfacRole.Comments));
        }

        return context.Finish(IsConsolidated(context) ? ListId.OfacConsolidated : ListId.OfacSdn, primary.Name);
    }

    /// <summary>Gets the name of a part as the report writes it.</summary>
    public static string RoleName(OfacRole role) => role switch
    {
        OfacRole.Primary => "primary",
        OfacRole.Alt => "alt",
        OfacRole.Add => "add",
        OfacRole.Comments => "comments",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    /// <summary>Reads the uids of a part, at most the number given: tells which part belongs to which primary
    /// file.</summary>
    public static HashSet<string> Uids(ListFile file, ListLimits limits, int most)
    {
        using var rows = Open(file, limits);
        var uids = new HashSet<string>(StringComparer.Ordinal);
        while (uids.Count < most && rows.Read() is { } row)
        {
            uids.Add(row[0].Trim());
        }

        return uids;
    }

    private delegate void Reader(IReadOnlyList<string> row, long line, ListFile file, ReadContext context);

    private static TableReader Open(ListFile file, ListLimits limits) => TableReader.Open(file, ',', limits);

    private static int Rows(ListFile file, ReadContext context, OfacRole role, Reader read)
    {
        var width = role switch
        {
            OfacRole.Primary => 12,
            OfacRole.Alt => 5,
            OfacRole.Add => 6,
            OfacRole.Comments => 2,
            _ => throw new ArgumentOutOfRangeException(nameof(role)),
        };
        using var rows = Open(file, context.Limits);
        var count = 0;
        for (var isFirst = true; rows.Read() is { } row; isFirst = false)
        {
            if (isFirst && IsHeader(row))
            {
                continue;
            }

            if (row.Count != width || !IsNumber(row[0]))
            {
                throw rows.Fault(null, $"The row has {row.Count} fields where {width} belong, or no number in front.",
                    "A quote is missing or the file was edited: download it again.");
            }

            read(row, rows.Line, file, context);
            count++;
        }

        context.Part(file, RoleName(role), count);
        return count;
    }

    private static Dictionary<string, string> Comments(ListFile file, ReadContext context)
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        Rows(file, context, OfacRole.Comments, (row, _, _, _) =>
        {
            var uid = row[0].Trim();
            comments[uid] = comments.TryGetValue(uid, out var before) ? before + row[1] : row[1];
        });
        return comments;
    }

    private static void Primary(ListFile file, Dictionary<string, string> comments, ReadContext context) =>
        Rows(file, context, OfacRole.Primary, (row, line, _, _) =>
        {
            var uid = row[0].Trim();
            var isKnown = context.Has(uid);
            context.MergedRows += isKnown ? 1 : 0;
            var entity = context.Entity(uid, file, line);
            entity.Kind = KindOf(row[2].Trim(), line, file);
            Name(entity, Value(row[1]), NameKind.Primary, null);
            foreach (var programme in Value(row[3]).Split("] [", StringSplitOptions.RemoveEmptyEntries))
            {
                entity.Programme(programme.Trim(' ', '[', ']'));
            }

            entity.Position(Value(row[4]));
            entity.Identifier(IdentifierKind.CallSign, Value(row[5]), label: "Vessel Call Sign");
            entity.Subtype ??= Value(row[6]);
            Ship(entity, row);
            var remark = Whole(row[11], isKnown ? null : comments.GetValueOrDefault(uid), uid, line, file, context);
            OfacRemarks.Apply(entity, Value(remark));
        });

    private static void Ship(EntityBuilder entity, IReadOnlyList<string> row)
    {
        Measure(entity, "Tonnage", Value(row[7]));
        Measure(entity, "Gross registered tonnage", Value(row[8]));
        if (Value(row[9]) is { Length: > 0 } flag)
        {
            entity.Country(CountryRole.Flag, flag);
        }

        if (Value(row[10]) is { Length: > 0 } owner)
        {
            entity.Link(new ListedLink { Kind = LinkKind.OwnedBy, TargetName = owner, Label = "Vessel owner" });
        }
    }

    private static void Measure(EntityBuilder entity, string label, string value)
    {
        if (value.Length != 0)
        {
            entity.Remark($"{label} {value}");
        }
    }

    private static void Alt(IReadOnlyList<string> row, long line, ListFile file, ReadContext context)
    {
        if (context.Find(row[0].Trim()) is not { } entity)
        {
            throw Stray(row[0], line, file);
        }

        var label = row[2]
            .Trim() switch { "aka" => "a.k.a.", "fka" => "f.k.a.", "nka" => "n.k.a.", var other => other };
        Name(entity, Value(row[3]), NameKind.Strong, label);
        entity.Remark(Value(row[4]));
    }

    private static void Add(IReadOnlyList<string> row, long line, ListFile file, ReadContext context)
    {
        if (context.Find(row[0].Trim()) is not { } entity)
        {
            throw Stray(row[0], line, file);
        }

        entity.Address(new ListedAddress
        {
            Street = Value(row[2]),
            City = Value(row[3]),
            CountryText = Value(row[4]),
            Note = Value(row[5]),
        });
    }

    // An alias or address without its entry means that the files are of different days.
    private static ListFormatException Stray(string uid, long line, ListFile file) =>
        new(new ListFault(ListFaultKind.MissingPart, file.Name, line, "ent_num",
            $"The entry {uid.Trim()} is not in the primary file.",
            "The files are of different days: download all files of the set together."));

    private static void Name(EntityBuilder entity, string name, NameKind kind, string? label)
    {
        entity.Name(name, kind, entity.Kind == EntityKind.Person ? OfacNames.Parts(name) : null, label);
        OfacNames.TailNumber(entity, name);
    }

    private static string Whole(
        string remark, string? comment, string uid, long line, ListFile file, ReadContext context)
    {
        if (comment is null)
        {
            return remark;
        }

        if (remark.Length < CutRemark - 5)
        {
            context.Warn(file.Name, line, $"The comment of {uid} follows a remark that is not cut; kept apart.");
            return remark.TrimEnd('.', ' ') + "; " + comment;
        }

        return remark + comment;
    }

    private static void WarnOfOrphans(
        Dictionary<string, string> comments, IReadOnlyDictionary<OfacRole, ListFile> files, ReadContext context)
    {
        foreach (var uid in comments.Keys.Where(uid => !context.Has(uid)))
        {
            context.Warn(files[OfacRole.Comments].Name, 0, $"The comment of {uid} has no entry; it is left out.");
        }
    }

    private static EntityKind KindOf(string text, long line, ListFile file) => text.ToLowerInvariant() switch
    {
        "individual" => EntityKind.Person,
        "-0-" or "" or "entity" => EntityKind.Organisation,
        "vessel" => EntityKind.Vessel,
        "aircraft" => EntityKind.Aircraft,
        _ => throw ReadContext.Fault(
            file, line, "SDN_Type", "The type is none of individual, entity, vessel, aircraft."),
    };

    private static bool IsConsolidated(ReadContext context)
    {
        var nonSdn = context.Entities.Count(entity =>
            entity.Programmes.Any(
                programme => s_nonSdn.Any(start => programme.StartsWith(start, StringComparison.Ordinal))));
        return nonSdn * 2 > context.Count;
    }

    private static string Value(string field) => field.Trim() is var text && text == "-0-" ? "" : text;

    private static bool IsNumber(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < int.MaxValue;

    private static bool IsHeader(IReadOnlyList<string> row) =>
        row[0].Trim() is "ID" or "Id" or "ent_num" or "Ent_num" or "uid";
}

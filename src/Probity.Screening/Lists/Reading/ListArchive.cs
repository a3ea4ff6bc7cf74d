using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Probity.Screening.Lists.Reading;

/// <summary>Opens ZIP archives, in which some publishers and many mirrors deliver lists.</summary>
internal static class ListArchive
{
    /// <summary>Tells whether the bytes begin as a ZIP archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8);

    /// <summary>Lists the files of an archive.</summary>
    /// <param name="name">What messages call the archive.</param>
    /// <param name="open">Opens its bytes; a stream that can seek.</param>
    /// <param name="limits">The bounds.</param>
    /// <exception cref="ListFormatException">Damaged, too many files, a path that leads out, or a bomb.</exception>
    public static IReadOnlyList<ListFile> Files(string name, Func<Stream> open, ListLimits limits)
    {
        try
        {
            using var archive = new ZipArchive(open(), ZipArchiveMode.Read);
            if (archive.Entries.Count > limits.ArchiveFiles)
            {
                throw Fault(ListFaultKind.TooLarge, name, $"The archive has more than {limits.ArchiveFiles} files.");
            }

            return [.. archive.Entries
                .Where(entry => !entry.FullName.EndsWith('/'))
                .Select((entry, at) => File(name, Checked(name, entry, limits), at, open, limits))];
        }
        catch (InvalidDataException)
        {
            throw Fault(ListFaultKind.Structure, name, "The archive is damaged.");
        }
    }

    private static ZipArchiveEntry Checked(string name, ZipArchiveEntry entry, ListLimits limits)
    {
        var path = entry.FullName;
        if (path.Contains("..", StringComparison.Ordinal) || path.StartsWith('/')
            || path.Contains('\\', StringComparison.Ordinal)
            || path.Contains(':', StringComparison.Ordinal))
        {
            throw Fault(ListFaultKind.Forbidden, name, "A path in the archive leads out of it.");
        }

        return entry.Length <= limits.FileBytes
            && entry.Length <= Math.Max(1024 * 1024, entry.CompressedLength * limits.CompressionRatio)
                ? entry
                : throw Fault(ListFaultKind.TooLarge, name, "A file of the archive grows beyond the limits.");
    }

    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream owns it.")]
    private static ListFile File(string name, ZipArchiveEntry listed, int at, Func<Stream> open, ListLimits limits)
    {
        // What is declared may lie, so what is read is bounded again by the bytes that are really there.
        var compressed = listed.CompressedLength;
        return new ListFile($"{name}/{listed.FullName}", () =>
        {
            var archive = new ZipArchive(open(), ZipArchiveMode.Read);
            var entry = archive.Entries.Where(item => !item.FullName.EndsWith('/')).ElementAt(at);
            return new BoundedStream(name, new EntryStream(entry.Open(), archive), () => compressed, limits);
        });
    }

    private static ListFormatException Fault(ListFaultKind kind, string name, string problem) =>
        new(new ListFault(kind, name, null, null, problem, "Check where it comes from and download it again."));

    private sealed class EntryStream(Stream inner, ZipArchive archive) : ReadOnlyStream(inner)
    {
        public override int Read(byte[] buffer, int offset, int count) => Counted(Inner.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Counted(Inner.Read(buffer));

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
            {
                archive.Dispose();
            }
        }
    }
}

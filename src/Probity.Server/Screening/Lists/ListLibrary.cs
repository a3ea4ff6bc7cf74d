using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Lists;

/// <summary>Reads stored versions back. Content is checked against its hash on every read. Thread safe.</summary>
internal sealed class ListLibrary(IDatabase database)
{
    /// <summary>The largest version kept, over all its files, before compression.</summary>
    public const long MaxVersionBytes = 512L * 1024 * 1024;

    /// <summary>Compresses a file for storing.</summary>
    public static async Task<ListContentRow> ContentAsync(
        ListFile file, string sha256, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        await using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        await using (var content = file.OpenContent())
        {
            await content.CopyToAsync(gzip, cancellationToken);
        }

        return new ListContentRow { Sha256 = sha256, Gzip = buffer.ToArray() };
    }

    /// <summary>Reads a version as it was loaded.</summary>
    /// <exception cref="StorageException">
    /// screening.list_content_damaged: the stored bytes are missing or no longer those that were loaded.
    /// </exception>
    public async Task<ListReadResult.Accepted> ReadAsync(ListVersionRow version, CancellationToken cancellationToken)
    {
        var files = new List<ListFile>();
        await using var db = database.CreateContext();
        foreach (var part in version.PartList())
        {
            var content = await db.Set<ListContentRow>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.Sha256 == part.Sha256, cancellationToken)
                    ?? throw Damaged(version, part);
            var bytes = Checked(content.Gzip, version, part);
            files.Add(ListFile.Of($"{version.Id}/{part.Name}", bytes));
        }

        var sources = ListReader.Find(files);
        return sources.Count == 1 && ListReader.Read(sources[0]) is ListReadResult.Accepted read
            && read.List.Version.Sha256 == version.Sha256
                ? read
                : throw new StorageException("screening.list_content_damaged",
                    $"The version {version.Id} of {version.List} no longer reads as it did when it was loaded.");
    }

    private static byte[] Checked(byte[] gzip, ListVersionRow version, StoredPart part)
    {
        try
        {
            using var stream = new GZipStream(new MemoryStream(gzip, writable: false), CompressionMode.Decompress);
            var bytes = new byte[part.Bytes];
            stream.ReadExactly(bytes);
            return stream.ReadByte() < 0 && Convert.ToHexStringLower(SHA256.HashData(bytes)) == part.Sha256
                ? bytes
                : throw Damaged(version, part);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(version, part);
        }
    }

    private static StorageException Damaged(ListVersionRow version, StoredPart part) => new(
        "screening.list_content_damaged",
        $"The file {part.Name} of version {version.Id} is missing or changed: restore it, or load the list again.");
}

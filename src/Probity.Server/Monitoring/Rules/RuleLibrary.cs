using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Monitoring;
using Probity.Monitoring.Rules;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Rules;

/// <summary>Reads stored rules back and compiles them. Content is checked against its hash. Thread safe.</summary>
internal sealed class RuleLibrary(IDatabase database)
{
    /// <summary>The lower-case hexadecimal SHA-256 of content: its key.</summary>
    public static string KeyOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Reads and compiles the rules of a set.</summary>
    /// <exception cref="StorageException">
    /// monitoring.content_damaged: what is stored is not what was stored.
    /// </exception>
    public async Task<RuleSet> CompileAsync(
        IReadOnlyList<StoredDocument> documents, string book, string digest, CancellationToken cancellationToken)
    {
        var keys = documents.Select(document => document.Sha256).Append(book).Distinct().ToList();
        await using var db = database.CreateContext();
        var contents = await db.Set<ContentRow>().AsNoTracking().Where(row => keys.Contains(row.Sha256))
            .ToDictionaryAsync(row => row.Sha256, row => row.Json, StringComparer.Ordinal, cancellationToken);
        foreach (var key in keys)
        {
            if (!contents.TryGetValue(key, out var json) || KeyOf(json) != key)
            {
                throw Damaged();
            }
        }

        var rules = documents.Select(item => new RuleDocument(item.Origin, contents[item.Sha256]));
        return RuleSet.Compile(rules, ReferenceBookReader.Read(contents[book])) is RuleSetResult.Compiled compiled
            && compiled.Rules.Digest == digest
                ? compiled.Rules
                : throw Damaged();
    }

    /// <summary>Reads one document.</summary>
    public async Task<byte[]> ReadAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ContentRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.Sha256 == sha256, cancellationToken);
        return row is not null && KeyOf(row.Json) == sha256 ? row.Json : throw Damaged();
    }

    private static StorageException Damaged() => new(
        "monitoring.content_damaged",
        "Stored rules are missing or changed: restore the table monitoring_content from a backup.");
}

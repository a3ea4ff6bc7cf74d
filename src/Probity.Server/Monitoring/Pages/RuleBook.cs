using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rules;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Pages;

/// <summary>Rules as pages need them: compiled, and where they are shown. The last few are kept. Thread safe.</summary>
internal sealed class RuleBook(IDatabase database, RuleLibrary library)
{
    private const int MostKept = 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<KnownRules> _kept = [];

    /// <summary>The rules that a decision was made by; null when they are not stored here.</summary>
    /// <param name="record">The record of the decision.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<KnownRules?> ForAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(record);
        var digest = json.RootElement.GetProperty("rules").GetString()!;
        lock (_gate)
        {
            if (_kept.FirstOrDefault(item => item.Rules.Digest == digest) is { } known)
            {
                return known;
            }
        }

        await using var db = database.CreateContext();
        var row = await db.Set<RuleSetRow>().AsNoTracking().Where(item => item.Digest == digest)
            .OrderByDescending(item => item.MadeAt).FirstOrDefaultAsync(cancellationToken);
        return row is null ? null : await ReadAsync(row, cancellationToken);
    }

    /// <summary>The rules of a set.</summary>
    public async Task<KnownRules> ReadAsync(RuleSetRow row, CancellationToken cancellationToken)
    {
        var rules = new KnownRules(
            row.Id, await library.CompileAsync(row.DocumentList(), row.Book, row.Digest, cancellationToken));
        lock (_gate)
        {
            _kept.AddFirst(rules);
            if (_kept.Count > MostKept)
            {
                _kept.RemoveLast();
            }
        }

        return rules;
    }
}

/// <summary>A set of rules that is stored here.</summary>
/// <param name="SetId">The set.</param>
/// <param name="Rules">Its rules.</param>
internal sealed record KnownRules(string SetId, RuleSet Rules);

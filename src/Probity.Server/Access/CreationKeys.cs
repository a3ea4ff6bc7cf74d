using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>
/// Idempotency-Key on requests of Access that create. What they answer may hold a secret, and a secret is told once and
/// never kept: a repetition is answered 409 with the id of what the first one made, not with the first answer.
/// </summary>
internal sealed class CreationKeys(Lazy<IDatabase> database, TimeProvider time)
{
    private const string Header = "Idempotency-Key";
    private const int MaxChars = 255;

    /// <summary>The row of the request's key, for <see cref="CreationRow.Use"/>; null when it has none.</summary>
    /// <exception cref="ProblemException">idempotency.bad_key, idempotency.mismatch, idempotency.repeated.</exception>
    public async Task<CreationRow?> BeginAsync<T>(HttpContext http, Caller caller, T request)
    {
        var text = http.Request.Headers[Header].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (text.Length > MaxChars || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ProblemException(ErrorCodes.IdempotencyBadKey);
        }

        var row = new CreationRow
        {
            Key = Digest($"{caller.Id}\n{http.Request.Path}\n{text}"),
            Request = Digest(JsonSerializer.Serialize(request)),
            CreatedAt = time.GetUtcNow(),
        };
        await using var db = database.Value.CreateContext();
        var known = await db.Set<CreationRow>().AsNoTracking().SingleOrDefaultAsync(r => r.Key == row.Key, http.RequestAborted);
        return known is null ? row
            : known.Request != row.Request ? throw new ProblemException(ErrorCodes.IdempotencyMismatch)
            : throw new ProblemException(ErrorCodes.IdempotencyRepeated, $"It made {known.Made}.");
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>One row of <c>access_creation</c>: an Idempotency-Key that was used, and what it made.</summary>
internal sealed class CreationRow
{
    /// <summary>SHA-256 over caller, path and key, in hex.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request, in hex.</summary>
    public required string Request { get; init; }

    /// <summary>The id of what was made.</summary>
    public string Made { get; set; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Commits the key with what it made: of two at once the second fails as a whole.</summary>
    public void Use(UnitOfWork work, string made)
    {
        Made = made;
        work.Add(this);
    }

    public static void Configure(ModelBuilder model) => model.Entity<CreationRow>(map =>
    {
        map.ToTable("access_creation");
        map.HasKey(row => row.Key);
        map.Operational("What was made has its own entry; this only keeps it from being made twice.");
    });
}

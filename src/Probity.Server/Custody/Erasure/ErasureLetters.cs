using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Server.Custody.Backup;

namespace Probity.Server.Custody.Erasure;

/// <summary>The documents of an erasure, as plain text that is printed or mailed as it stands.</summary>
internal static class ErasureLetters
{
    private const string Scrubbed = "the wrapped keys are overwritten in the store's files";
    private const string NotScrubbed =
        "the store's owner must still run VACUUM (FULL) on data_key, or close long-running readers";

    /// <summary>The answer while something comes first. It says what, on what ground, and until when.</summary>
    public static string Refusal(ErasureRow row, ErasureGround ground, DateTimeOffset now)
    {
        var until = ground.DueAt is { } due
            ? string.Create(CultureInfo.InvariantCulture, $"on {due:yyyy-MM-dd}")
            : "when the legal hold is released";
        return string.Create(CultureInfo.InvariantCulture, $"""
            Answer to the request for erasure {row.Id}
            {now:yyyy-MM-dd}

            The request of {row.RequestedAt:yyyy-MM-dd} to erase the data of {row.SubjectType} {row.SubjectId} cannot be
            carried out yet. A duty to keep the records comes first:

                {ground.Ground}

            Legal ground: Regulation (EU) 2016/679, Article 17(3)(b): erasure does not apply to the extent that
            processing is necessary for compliance with a legal obligation. During this time the data is kept
            encrypted and used for nothing else (Article 18).

            The request stays in the register. It is carried out {until}, without a further
            request, once two persons have agreed to it. Against this answer a complaint may be lodged with the
            supervisory authority, and a judicial remedy may be sought (Articles 77 and 79).
            """) + "\n";
    }

    /// <summary>What was destroyed, by whose approval, and how to check it.</summary>
    public static string Certificate(ErasureRow row, CertificateFacts facts)
    {
        var text = new StringBuilder();
        var approvers = string.Join(
            ", ", Approver.FromJson(row.Approvers).Select(a => $"{a.Name} ({a.Id}, {a.Role})"));
        var backups = string.Join(", ", facts.Backups.Select(b => b.Id));
        text.Append(CultureInfo.InvariantCulture, $"""
            Certificate of erasure {row.Id}

            Subject      {row.Subject} (digest; the name is not kept)
            Destroyed    {row.DestroyedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}
            Keys         {string.Join(", ", JsonSerializer.Deserialize<List<string>>(row.Keys ?? "[]") ?? [])}
            Approved by  {approvers}
            Entry        {row.ExecutedEntry}, number {facts.Seq}, leaf hash {facts.LeafHash}
            Derived      search index: {facts.Rewritten} segments rewritten without the person's words; caches dropped
            Files        {(facts.IsScrubbed ? Scrubbed : NotScrubbed)}

            """);
        text.Append(facts.Backups.Count == 0
            ? "Backups      none made before the erasure is still kept\n"
            : string.Create(CultureInfo.InvariantCulture, $"""
                Backups      {facts.Backups.Count} backups made before still hold the wrapped key, until the last is
                             deleted on {facts.Backups.Max(b => b.ExpiresAt):yyyy-MM-dd}: {backups}.
                             A restore of one destroys the key again before it serves, from the erasure register.

                """));
        text.Append("""

            The entries of the person are where they were: every hash, proof and checkpoint still holds, and their
            encrypted members can be opened by nobody. Content about several persons at once, such as a payment between
            two customers, is sealed for them together and stays until its retention ends. The proof below says that
            the entry of the erasure is in the log; any tool for C2SP tlog-proof checks it.


            """).Append(facts.Proof);
        return text.ToString();
    }
}

/// <summary>What a certificate states beside the row.</summary>
/// <param name="Seq">The number of the entry.</param>
/// <param name="LeafHash">Its leaf hash.</param>
/// <param name="Proof">A c2sp.org/tlog-proof of it.</param>
/// <param name="Rewritten">Segments of the search index that were rewritten.</param>
/// <param name="IsScrubbed">Whether the store's files no longer hold the wrapped keys.</param>
/// <param name="Backups">Backups from before that are still kept.</param>
internal sealed record CertificateFacts(
    long Seq, string LeafHash, string Proof, int Rewritten, bool IsScrubbed, IReadOnlyList<BackupSetRow> Backups);

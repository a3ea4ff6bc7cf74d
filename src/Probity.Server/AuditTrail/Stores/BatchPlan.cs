using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>A stored idempotent answer: the request it belongs to and where its entries stand.</summary>
internal sealed record StoredAnswer(byte[] Request, byte[] Places);

/// <summary>
/// Decides, under the head's lock, which entries of a batch are new: requests that were answered before are answered
/// again, known external ids give the entry that has them. The same on every store; only the look-ups differ.
/// </summary>
internal sealed class BatchPlan
{
    /// <summary>How long an idempotent answer is given again: 24 hours.</summary>
    public const long AnswerLifeMicros = 24L * 60 * 60 * 1_000_000;

    private readonly IReadOnlyList<AppendRequest> _requests;
    private readonly AppendResult?[] _settled;
    private readonly Dictionary<UInt128, KnownExternal> _external;
    private readonly List<(int Request, int Entry)> _new;
    private readonly int _classes;

    private BatchPlan(IReadOnlyList<AppendRequest> requests, Dictionary<UInt128, KnownExternal> external, int classes)
    {
        (_requests, _classes) = (requests, classes);
        _settled = new AppendResult?[requests.Count];
        _external = external;
        var most = requests.Sum(request => request.Entries.Count);
        _new = new List<(int Request, int Entry)>(most);
        Templates = new List<EntryTemplate>(most);
        Entries = new List<PreparedEntry>(most);
    }

    /// <summary>Templates of the entries to write, in order.</summary>
    public List<EntryTemplate> Templates { get; }

    /// <summary>The entries to write, in order.</summary>
    public List<PreparedEntry> Entries { get; }

    /// <summary>Keys of persons that the entries are sealed under and no commit has written yet.</summary>
    public List<SubjectKey> NewKeys { get; } = [];

    /// <param name="requests">The batch.</param>
    /// <param name="findAnswer">Finds an answer given before.</param>
    /// <param name="external">What is known of the batch's external ids.</param>
    /// <param name="classes">The version of the field classes, read under the head's lock.</param>
    public static BatchPlan Make(
        IReadOnlyList<AppendRequest> requests,
        Func<byte[], StoredAnswer?> findAnswer,
        Dictionary<UInt128, KnownExternal> external,
        int classes)
    {
        var plan = new BatchPlan(requests, external, classes);
        var answeredHere = new HashSet<UInt128>();
        for (var i = 0; i < requests.Count; i++)
        {
            plan.Add(i, findAnswer, answeredHere);
        }

        return plan;
    }

    /// <summary>External ids of a batch, for one look-up before <see cref="Make"/>.</summary>
    public static List<ExternalKey> ExternalKeys(IReadOnlyList<AppendRequest> requests)
    {
        var keys = new List<ExternalKey>();
        foreach (var request in requests)
        {
            for (var i = 0; i < request.Entries.Count; i++)
            {
                if (request.Entries[i].External is { } key)
                {
                    keys.Add(key);
                }
            }
        }

        return keys;
    }

    public static UInt128 KeyOf(ReadOnlySpan<byte> key) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(key);

    /// <summary>The answer to every request once the batch has its numbers.</summary>
    public IReadOnlyList<AppendResult> Answers(SequencedBatch? batch, LogHead head)
    {
        var places = new EntryPlace[_requests.Count][];
        for (var i = 0; i < _requests.Count; i++)
        {
            places[i] = new EntryPlace[_requests[i].Entries.Count];
        }

        for (var n = 0; n < _new.Count; n++)
        {
            var (request, entry) = _new[n];
            places[request][entry] = new EntryPlace(Entries[n].Id, batch!.FirstSeq + n, batch.Entries[n].Hash, false);
        }

        return [.. _requests.Select((request, i) => _settled[i] ?? Answer(request, places[i], head))];
    }

    private AppendResult.Committed Answer(AppendRequest request, EntryPlace[] places, LogHead head)
    {
        for (var j = 0; j < places.Length; j++)
        {
            if (places[j].Id is null && request.Entries[j].External is { } key)
            {
                places[j] = _external[KeyOf(key.Key)].Place!.Value with { Duplicate = true };
            }
        }

        return new AppendResult.Committed(places, head.Checkpoint);
    }

    /// <summary>Places of new entries become known to later duplicates in the same batch.</summary>
    public void Number(SequencedBatch batch)
    {
        for (var n = 0; n < Entries.Count; n++)
        {
            if (Entries[n].External is { } key)
            {
                _external[KeyOf(key.Key)] = new KnownExternal(
                    key.Fingerprint,
                    batch.FirstSeq + n,
                    new EntryPlace(Entries[n].Id, batch.FirstSeq + n, batch.Entries[n].Hash, false));
            }
        }
    }

    /// <summary>Requests that carry a key and were committed by this batch, with what is to be stored for them.</summary>
    public IEnumerable<(IdempotencyKey Key, byte[] Places)> NewAnswers(IReadOnlyList<AppendResult> answers)
    {
        for (var i = 0; i < _requests.Count; i++)
        {
            if (_requests[i].Idempotency is { } key
                && answers[i] is AppendResult.Committed { Replayed: false } committed)
            {
                yield return (key, PlacesFormat.Encode(committed));
            }
        }
    }

    private void Add(int index, Func<byte[], StoredAnswer?> findAnswer, HashSet<UInt128> answeredHere)
    {
        var request = _requests[index];
        if (request.Idempotency is { } key)
        {
            if (findAnswer(key.Key) is { } stored)
            {
                _settled[index] = stored.Request.AsSpan().SequenceEqual(key.Request)
                    ? PlacesFormat.Decode(stored.Places)
                    : new AppendResult.KeyReused();
                return;
            }

            if (!answeredHere.Add(KeyOf(key.Key)))
            {
                // The same key twice in one batch: the server turns concurrent uses away, so this is another node's.
                _settled[index] = new AppendResult.KeyReused();
                return;
            }
        }

        // All entries of a request were sealed within one moment; a change within it is found by the first or the last.
        if (request.Entries.Count > 0 && (IsOutdated(request.Entries[0]) || IsOutdated(request.Entries[^1])))
        {
            _settled[index] = new AppendResult.ClassesChanged();
            return;
        }

        if (FindReusedId(request) is { } refused)
        {
            _settled[index] = refused;
            return;
        }

        for (var j = 0; j < request.Entries.Count; j++)
        {
            AddEntry(index, j, request.Entries[j]);
        }
    }

    private void AddEntry(int request, int position, PreparedEntry entry)
    {
        if (entry.External is { } key && !_external.TryAdd(KeyOf(key.Key), new KnownExternal(key.Fingerprint, -1, null)))
        {
            return;
        }

        _new.Add((request, position));
        Entries.Add(entry);
        Templates.Add(entry.Template);
        for (var i = 0; i < entry.NewKeys.Count; i++)
        {
            if (!entry.NewKeys[i].IsStored && !NewKeys.Contains(entry.NewKeys[i]))
            {
                NewKeys.Add(entry.NewKeys[i]);
            }
        }
    }

    private bool IsOutdated(PreparedEntry entry) => entry.ClassesVersion is { } version && version != _classes;

    private AppendResult.ExternalIdReused? FindReusedId(AppendRequest request)
    {
        Dictionary<UInt128, long>? here = null;
        for (var j = 0; j < request.Entries.Count; j++)
        {
            if (request.Entries[j].External is not { } key)
            {
                continue;
            }

            var id = KeyOf(key.Key);
            if (_external.TryGetValue(id, out var known) && known.Fingerprint != key.Fingerprint)
            {
                return new AppendResult.ExternalIdReused(j, known.Seq);
            }

            here ??= new(request.Entries.Count);
            if (!here.TryAdd(id, key.Fingerprint) && here[id] != key.Fingerprint)
            {
                return new AppendResult.ExternalIdReused(j, -1);
            }
        }

        return null;
    }
}

/// <summary>An external id that is in the log, or is being written by the batch at hand (Seq -1 until numbered).</summary>
internal sealed record KnownExternal(long Fingerprint, long Seq, EntryPlace? Place);

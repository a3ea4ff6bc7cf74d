namespace Probity.Ledger.Verification;

/// <summary>
/// Which origin the entries of a log name, from its beginning to its end. An origin may follow another only where a
/// genuine entry states it, with the gap and two approvers; checkpoints of a former origin that lie in the stated gap
/// are then no evidence of a rollback. Not thread safe.
/// </summary>
internal sealed class OriginHistory(string origin, IReadOnlyList<string> formers)
{
    private const int MaxRuns = 1_000;

    private readonly List<Run> _runs = [];
    private readonly List<ContinuationClaim> _claims = [];
    private readonly List<RecoveryKeyClaim> _keys = [];

    /// <summary>The origins that trusted keys bear beside the log's own: only these may have come before.</summary>
    public static string[] FormersOf(string origin, IReadOnlyList<Notes.VerifierKey> keys) =>
    [
        .. keys.Where(k => k.SignatureType == Notes.VerifierKey.Ed25519Note && k.Name != origin).Select(k => k.Name)
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Takes rows in their order.</summary>
    public void Take(ReadOnlySpan<RowFacts> rows, Claims claims)
    {
        _claims.AddRange(claims.Continuations);
        _keys.AddRange(claims.RecoveryKeys);
        if (formers.Count == 0)
        {
            return;
        }

        foreach (ref readonly var row in rows)
        {
            if (row.IsGone || !row.IsReadable)
            {
                continue;
            }

            if (_runs.Count > 0 && _runs[^1].Log == row.Log)
            {
                _runs[^1].Last = row.Seq;
            }
            else if (_runs.Count < MaxRuns)
            {
                _runs.Add(new Run(row.Log, row.Seq) { Last = row.Seq });
            }
        }
    }

    /// <summary>
    /// The genuine continuations. What they excuse is taken out of the notes, what they do not is added to them.
    /// </summary>
    public List<LogContinuation> Judge(AuditNotes notes)
    {
        List<LogContinuation> genuine = [];
        for (var i = 0; i < _runs.Count; i++)
        {
            var claim = i > 0 ? Find(_runs[i - 1], _runs[i], notes) : null;
            var consent = claim is null ? null : Consents.Judge(claim, RecoveryKeysBefore(claim.RestoredSize, notes));
            if (consent is { Fault: null })
            {
                genuine.Add(claim!.Continuation with { IsSigned = consent.IsSigned }); // There is one where consent is.
            }
            else if (consent is not null)
            {
                AddUnsigned(notes, _runs[i - 1], claim!, consent.Fault); // As above.
            }
            else if (i > 0 || (i == _runs.Count - 1 && _runs[i].Log != 0))
            {
                AddStranger(notes, i > 0 && _runs[i].Log == 0 ? _runs[i - 1] : _runs[i]);
            }
        }

        JudgeCheckpoints(notes, genuine);
        return genuine;
    }

    /// <summary>The keys of recovery in force before an entry: of each person the newest that a genuine entry
    /// names.</summary>
    public List<RecoveryKey> RecoveryKeysBefore(long seq, AuditNotes notes)
    {
        var keys = new Dictionary<string, RecoveryKeyClaim>(StringComparer.Ordinal);
        foreach (var claim in _keys.Where(k => k.Seq < seq && k.IsValid && IsGenuine(k.Seq, notes)))
        {
            keys[claim.Person] = claim;
        }

        return
        [
            .. keys.Values.Where(k => k.Key is not null).OrderBy(k => k.Seq)
                .Select(k => new RecoveryKey(k.Person, k.Key!, k.Seq)), // Just asked for.
        ];
    }

    private static bool IsGenuine(long seq, AuditNotes notes) =>
        !notes.Places.Exists(p => p.First <= seq && seq <= p.Last);

    private ContinuationClaim? Find(Run former, Run next, AuditNotes notes) => _claims.Find(c =>
        c.IsValid && c.Continuation.EntrySeq == next.First && c.Log == NameOf(next.Log)
        && c.Continuation.FormerOrigin == NameOf(former.Log) && former.Last == next.First - 1
        && IsGenuine(next.First, notes));

    private static void AddUnsigned(AuditNotes notes, Run former, ContinuationClaim claim, string fault) =>
        notes.Origins.Add(new Finding(
            FindingKind.Unreadable, former.First, former.Last, FindingList.Entries(former.First, former.Last),
            $"Entry {claim.RestoredSize} says that the log goes on as {claim.Log}, "
            + "but it is not what two people signed: "
            + fault, null, null, notes.LastGood,
            FindingList.Affected(FindingKind.Unreadable, former.First, former.Last)));

    private void AddStranger(AuditNotes notes, Run run) => notes.Origins.Add(new Finding(
        FindingKind.Unreadable, run.First, run.Last, FindingList.Entries(run.First, run.Last),
        $"The entries name the log {NameOf(run.Log)}, and no genuine entry with two approvers says that it goes on "
        + $"as {origin}.", null, null, notes.LastGood,
        FindingList.Affected(FindingKind.Unreadable, run.First, run.Last)));

    private static void JudgeCheckpoints(AuditNotes notes, List<LogContinuation> genuine)
    {
        foreach (var judged in notes.Former)
        {
            var checkpoint = judged.Checkpoint!; // only read ones are of a former origin
            var end = genuine.Find(c => c.FormerOrigin == checkpoint.Origin);
            if (end is null)
            {
                Refuse(notes, judged, FindingKind.Unreadable, null,
                    $"The checkpoint is of another log, {checkpoint.Origin}.");
            }
            else if (checkpoint.Size <= end.EntrySeq)
            {
                continue; // Its root was compared like any other's.
            }
            else if (judged.Source != CheckpointSource.Outside || checkpoint.Size > end.CheckpointSize)
            {
                Refuse(notes, judged, FindingKind.RolledBack, end.EntrySeq,
                    $"A checkpoint of the former origin counts {checkpoint.Size} entries; entry {end.EntrySeq}, with "
                    + $"which the log goes on, states that {end.CheckpointSize} were signed and {end.EntrySeq} "
                    + "restored.");
            }
            else if (checkpoint.Size == end.CheckpointSize && checkpoint.Root != end.CheckpointRoot)
            {
                Refuse(notes, judged, FindingKind.Forked, end.EntrySeq,
                    $"The former origin has signed another root for size {checkpoint.Size} than entry {end.EntrySeq}, "
                    + "with which the log goes on, states.");
            }

            notes.Contradicted.RemoveAll(c => ReferenceEquals(c.Judged, judged));
            notes.Beyond.Remove(judged);
        }
    }

    private static void Refuse(
        AuditNotes notes, JudgedCheckpoint judged, FindingKind kind, long? first, string detail) =>
        notes.Origins.Add(new Finding(
            kind, first, first is null ? null : judged.Size - 1, judged.Where, detail, null, null, notes.LastGood,
            first is null
                ? "This checkpoint and the proofs against it prove nothing. The entries are judged without it."
                : $"Entries {first} to {judged.Size - 1} of the former origin are missing without being stated."));

    private string NameOf(byte log) => log == 0 ? origin : formers[log - 1];

    private sealed class Run(byte log, long first)
    {
        public byte Log { get; } = log;

        public long First { get; } = first;

        public long Last { get; set; }
    }
}

using Microsoft.Data.Sqlite;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// What the embedded store said of parties, for as long as it says the same. Each question first takes what
/// <c>party_change</c> tells of since the last one: triggers write there in the commit that changes a party, and
/// commits of the one file come one after another, so that nothing old is told after the commit. Thread safe.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="most">The most parties that are known; when they are, all are forgotten.</param>
internal sealed class PartyMemory(SqliteDatabase database, int most = PartyMemory.MostKnown) : IDisposable
{
    /// <summary>The most parties that are known, some 200 bytes each beside what their versions say.</summary>
    public const int MostKnown = 262_144;

    private const string End = "SELECT coalesce(max(n), 0) FROM party_change";

    private const string Changes = """
        SELECT l.n, c.external_id FROM party_change l LEFT JOIN customer_record c ON c.id = l.customer_id
        WHERE l.n > @after ORDER BY l.n
        """;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KnownParty?> _known = new(StringComparer.Ordinal);
    private SqliteConnection? _connection;
    private SqliteCommand? _changes;
    private long _asOf = -1; // Nothing was read yet.
    private bool _isScreening;
    private bool _isDisposed;

    /// <summary>What is known now of some numbers.</summary>
    /// <param name="numbers">The institution's own numbers.</param>
    /// <param name="isScreening">Whether customers are screened; what was said in the other case is forgotten.</param>
    /// <param name="known">Takes those that are known and registered.</param>
    /// <returns>The numbers that the store must be asked for, and the change it was known as of.</returns>
    public (List<string> Missing, long AsOf) Recall(
        IReadOnlyList<string> numbers, bool isScreening, Dictionary<string, KnownParty> known)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            CatchUp();
            if (_isScreening != isScreening)
            {
                _isScreening = isScreening;
                _known.Clear();
            }

            var missing = new List<string>();
            foreach (var number in numbers)
            {
                if (!_known.TryGetValue(number, out var party))
                {
                    missing.Add(number);
                }
                else if (party is not null)
                {
                    known.Add(number, party);
                }
            }

            return (missing, _asOf);
        }
    }

    /// <summary>Keeps what the store said after <see cref="Recall"/>; nothing when it has changed meanwhile.</summary>
    /// <param name="asOf">What <see cref="Recall"/> said.</param>
    /// <param name="isScreening">Whether customers were screened.</param>
    /// <param name="numbers">What was asked for.</param>
    /// <param name="parties">What there is of it; who is missing is not registered.</param>
    public void Keep(
        long asOf, bool isScreening, IReadOnlyList<string> numbers, IReadOnlyDictionary<string, KnownParty> parties)
    {
        lock (_lock)
        {
            if (asOf != _asOf || isScreening != _isScreening)
            {
                return; // A change between the two may be of these.
            }

            if (_known.Count + numbers.Count > most)
            {
                _known.Clear();
            }

            foreach (var number in numbers)
            {
                _known[number] = parties.GetValueOrDefault(number);
            }
        }
    }

    /// <summary>Forgets one of whom nothing may stay.</summary>
    public void Forget(string number)
    {
        lock (_lock)
        {
            _known.Remove(number);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Close();
        }
    }

    private void CatchUp()
    {
        try
        {
            var changes = _changes ??= Open();
            if (_asOf < 0)
            {
                using var end = changes.Connection!.CreateCommand(); // It was made on one.
                end.CommandText = End;
                _asOf = (long)end.ExecuteScalar()!; // Never null: coalesce.
                return;
            }

            Take(changes);
        }
        catch
        {
            _known.Clear();
            _asOf = -1;
            Close();
            throw;
        }
    }

    private void Take(SqliteCommand changes)
    {
        changes.Parameters[0].Value = _asOf;
        using var reader = changes.ExecuteReader();
        while (reader.Read())
        {
            var n = reader.GetInt64(0);
            if (n != _asOf + 1 || reader.IsDBNull(1))
            {
                _known.Clear(); // Some changes are no longer there, or it cannot be told whose this was.
            }
            else
            {
                _known.Remove(reader.GetString(1));
            }

            _asOf = n;
        }
    }

    private SqliteCommand Open()
    {
        _connection = database.OpenReader();
        var changes = _connection.CreateCommand();
        changes.CommandText = Changes;
        changes.Parameters.Add("@after", SqliteType.Integer);
        return changes;
    }

    private void Close()
    {
        _changes?.Dispose();
        _connection?.Dispose();
        (_changes, _connection) = (null, null);
    }
}

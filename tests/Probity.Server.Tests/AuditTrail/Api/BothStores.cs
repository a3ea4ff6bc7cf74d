using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

// The API's main suite on both stores: what a client may rely on does not depend on where the ledger is kept.

public sealed class BatchCreateOnSqliteTests(RunningServer server) : BatchCreateTests(server), IClassFixture<RunningServer>;

public sealed class BatchCreateOnPostgresTests(PostgresRunningServer server)
    : BatchCreateTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class CreateEventOnSqliteTests(RunningServer server) : CreateEventTests(server), IClassFixture<RunningServer>;

public sealed class CreateEventOnPostgresTests(PostgresRunningServer server)
    : CreateEventTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class EventQueryOnSqliteTests(RunningServer server) : EventQueryTests(server), IClassFixture<RunningServer>;

public sealed class EventQueryOnPostgresTests(PostgresRunningServer server)
    : EventQueryTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class EventStreamOnSqliteTests(RunningServer server) : EventStreamTests(server), IClassFixture<RunningServer>;

public sealed class EventStreamOnPostgresTests(PostgresRunningServer server)
    : EventStreamTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class ImportOverHttpOnSqliteTests(RunningServer server) : ImportOverHttpTests(server), IClassFixture<RunningServer>;

public sealed class ImportOverHttpOnPostgresTests(PostgresRunningServer server)
    : ImportOverHttpTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class IngestOnSqliteTests(RunningServer server) : IngestTests(server), IClassFixture<RunningServer>;

public sealed class IngestOnPostgresTests(PostgresRunningServer server)
    : IngestTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class ReadTraceOnSqliteTests(RunningServer server) : ReadTraceTests(server), IClassFixture<RunningServer>;

public sealed class ReadTraceOnPostgresTests(PostgresRunningServer server)
    : ReadTraceTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

public sealed class LedgerPathsOnSqliteTests(LedgerPathsTests.FilledServer server)
    : LedgerPathsTests(server), IClassFixture<LedgerPathsTests.FilledServer>;

public sealed class LedgerPathsOnPostgresTests(LedgerPathsTests.FilledPostgresServer server)
    : LedgerPathsTests(server.OrSkip()), IClassFixture<LedgerPathsTests.FilledPostgresServer>;

public sealed class RowAuditOnPostgresTests(PostgresRunningServer server)
    : RowAuditTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

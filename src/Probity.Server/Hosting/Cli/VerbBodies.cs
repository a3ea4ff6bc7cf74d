using Probity.Server.Hosting.Doctor;
using Probity.Server.Monitoring.Backtest;
using Probity.Server.Monitoring.Replay;
using Probity.Server.Screening.Batch;
using Probity.Server.Screening.Replay;

namespace Probity.Server.Hosting.Cli;

/// <summary>What the verbs do that belong to modules. Each returns an <see cref="ExitCode"/>.</summary>
internal sealed record VerbBodies
{
    public required ServerModules Modules { get; init; }

    public required Func<MigrateRequest, VerbContext, CancellationToken, Task<int>> Migrate { get; init; }

    public required Func<ImportRequest, VerbContext, CancellationToken, Task<int>> ImportEvents { get; init; }

    public required Func<VerifyRequest, VerbContext, CancellationToken, Task<int>> VerifyLedger { get; init; }

    public required Func<ExportRequest, VerbContext, CancellationToken, Task<int>> ExportLedger { get; init; }

    public required Func<VerbContext, CancellationToken, Task<int>> PrintCheckpoint { get; init; }

    public required Func<VerbContext, CancellationToken, Task<int>> RotateKeys { get; init; }

    /// <summary>Takes the file with the new root key.</summary>
    public required Func<string, VerbContext, CancellationToken, Task<int>> RotateRoot { get; init; }

    public required Func<KeyFileRequest, VerbContext, CancellationToken, Task<int>> BackUpKeys { get; init; }

    public required Func<KeyFileRequest, VerbContext, CancellationToken, Task<int>> RestoreKeys { get; init; }

    public required Func<BackupRequest, VerbContext, CancellationToken, Task<int>> CreateBackup { get; init; }

    public required Func<string, VerbContext, CancellationToken, Task<int>> VerifyBackup { get; init; }

    public required Func<RestoreRequest, VerbContext, CancellationToken, Task<int>> RestoreBackup { get; init; }

    public required Func<ContinueRequest, VerbContext, CancellationToken, Task<int>> ContinueLog { get; init; }

    /// <summary>Makes a person's key of recovery; needs no settings.</summary>
    public required Func<ApproverKeyRequest, TextWriter, CancellationToken, Task<int>> CreateApproverKey { get; init; }

    /// <summary>Signs a loss; needs no settings.</summary>
    public required Func<ConsentRequest, TextWriter, CancellationToken, Task<int>> SignLoss { get; init; }

    public required Func<ListsRequest, VerbContext, CancellationToken, Task<int>> Lists { get; init; }

    public required Func<CustomerImportRequest, VerbContext, CancellationToken, Task<int>> ImportCustomers
    {
        get; init;
    }

    public required Func<ServerAddress?, VerbContext, CancellationToken, Task<int>> ReplayRatings { get; init; }

    public required Func<ScorecardDraftRequest, VerbContext, CancellationToken, Task<int>> DraftScorecard
    {
        get; init;
    }

    public required Func<TransactionImportRequest, VerbContext, CancellationToken, Task<int>> ImportTransactions
    {
        get; init;
    }

    public required Func<RuleImportRequest, VerbContext, CancellationToken, Task<int>> ImportRules { get; init; }

    public required Func<RuleRebaseRequest, VerbContext, CancellationToken, Task<int>> RebaseRules { get; init; }

    public required Func<SampleVerbRequest, VerbContext, CancellationToken, Task<int>> MakeSample { get; init; }

    /// <summary>Screens a table; needs no settings, so it gets no context. The writer takes progress and warnings.</summary>
    public required Func<ScreenRequest, TextWriter, CancellationToken, Task<int>> Screen { get; init; }

    public required Func<ScreenPairsRequest, TextWriter, CancellationToken, Task<int>> ScreenPairs { get; init; }

    public required Func<ReplayRequest, VerbContext, CancellationToken, Task<int>> ReplayScreening { get; init; }

    /// <summary>Judges a table of transactions; needs no settings.</summary>
    public required Func<BacktestRequest, TextWriter, CancellationToken, Task<int>> Backtest { get; init; }

    public required Func<ReplayDecisionsRequest, VerbContext, CancellationToken, Task<int>> ReplayDecisions
    {
        get; init;
    }

    /// <summary>Checks of modules, run by <c>doctor</c> after the host's own.</summary>
    public IReadOnlyList<IDoctorCheck> DoctorChecks { get; init; } = [];
}

/// <summary>What <c>probity lists</c> is asked for.</summary>
internal abstract record ListsRequest(ServerAddress? Remote)
{
    /// <param name="Paths">Files and folders; at least one.</param>
    /// <param name="Accepted">Codes of guard findings that are accepted.</param>
    /// <param name="Activates">Make what is loaded live at once.</param>
    /// <param name="Remote">The server to load into; null for the data folder.</param>
    internal sealed record Load(
        IReadOnlyList<string> Paths, IReadOnlyList<string> Accepted, bool Activates, ServerAddress? Remote)
            : ListsRequest(Remote);

    /// <param name="Remote">The server to ask; null for the data folder.</param>
    internal sealed record Status(ServerAddress? Remote) : ListsRequest(Remote);

    /// <param name="List">The list.</param>
    /// <param name="From">A version; null for the live one.</param>
    /// <param name="To">A version; null for the one loaded last.</param>
    /// <param name="Remote">The server to ask; null for the data folder.</param>
    internal sealed record Diff(string List, string? From, string? To, ServerAddress? Remote) : ListsRequest(Remote);
}

/// <summary>What <c>probity customers import</c> is asked for.</summary>
/// <param name="Path">The file: NDJSON, or a table when its name ends with <c>.csv</c>.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
internal sealed record CustomerImportRequest(string Path, ServerAddress? Remote);

/// <summary>What <c>probity customers scorecards draft</c> is asked for.</summary>
/// <param name="Path">The document, or <c>shipped</c>.</param>
/// <param name="Note">What it is about; empty for nothing.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
internal sealed record ScorecardDraftRequest(string Path, string Note, ServerAddress? Remote);

/// <summary>What <c>probity transactions import</c> is asked for.</summary>
/// <param name="Path">A table, or NDJSON when its name ends with <c>.ndjson</c>.</param>
/// <param name="Mapping">Where the fields come from; null for columns named like them.</param>
/// <param name="Source">The source of rows that name none.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
internal sealed record TransactionImportRequest(string Path, string? Mapping, string Source, ServerAddress? Remote);

/// <summary>What <c>probity rules import</c> is asked for.</summary>
/// <param name="Path">The signed note.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
internal sealed record RuleImportRequest(string Path, ServerAddress? Remote);

/// <summary>What <c>probity rules rebase</c> is asked for.</summary>
/// <param name="RuleSet">The draft.</param>
/// <param name="Remote">The server to ask; null for the data folder.</param>
internal sealed record RuleRebaseRequest(string RuleSet, ServerAddress? Remote);

/// <summary>What <c>probity sample</c> is asked for.</summary>
/// <param name="Days">How many days back, 30 to 365.</param>
/// <param name="Seed">Another seed is another bank.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
internal sealed record SampleVerbRequest(int Days, ulong Seed, ServerAddress? Remote);

/// <param name="IsPlan">Only show what would be done.</param>
internal sealed record MigrateRequest(bool IsPlan);

/// <param name="Format">A format name, or <c>auto</c>.</param>
/// <param name="Paths">Files, folders and patterns; at least one.</param>
/// <param name="Remote">The server to send to; null for the data folder.</param>
/// <param name="IsQuiet">Show no progress.</param>
internal sealed record ImportRequest(string Format, IReadOnlyList<string> Paths, ServerAddress? Remote, bool IsQuiet);

/// <param name="Against">A checkpoint kept outside, as a file; null for none.</param>
/// <param name="IsWithRows">Compare audited rows with their entries too.</param>
internal sealed record VerifyRequest(string? Against, bool IsWithRows = false);

/// <param name="Format">tlog, ndjson, csv, json or pack.</param>
/// <param name="Target">The file or folder to write; null for standard output.</param>
/// <param name="From">The first sequence number.</param>
/// <param name="To">The number after the last; null for the size of the ledger.</param>
/// <param name="Filter">A filter as in <c>GET /api/v1/events</c>; null for all.</param>
internal sealed record ExportRequest(string Format, string? Target, long From, long? To, string? Filter);

/// <param name="Path">The key backup.</param>
/// <param name="PassphraseFile">The file that holds the passphrase.</param>
internal sealed record KeyFileRequest(string Path, string PassphraseFile);

/// <param name="Path">The file to make; null names one.</param>
/// <param name="KeepDays">After how many days it will have been deleted.</param>
internal sealed record BackupRequest(string? Path, int KeepDays);

/// <param name="Path">The backup.</param>
/// <param name="Register">A newer copy of the erasure register; null for none.</param>
/// <param name="Checkpoint">A checkpoint kept outside; null for the kept one.</param>
internal sealed record RestoreRequest(string Path, string? Register, string? Checkpoint)
{
    /// <summary>Who accepts that newer entries are lost; null to accept no loss.</summary>
    public AcceptedLoss? Loss { get; init; }
}

/// <param name="Approvers">Those who agreed; it takes two different ones.</param>
/// <param name="Reason">What happened; it stands in clear in the ledger.</param>
internal sealed record AcceptedLoss(IReadOnlyList<string> Approvers, string Reason);

/// <param name="Checkpoint">A checkpoint kept outside; null for the kept one of the data folder.</param>
/// <param name="Loss">Who accepts the loss; null refuses.</param>
internal sealed record ContinueRequest(string? Checkpoint, AcceptedLoss? Loss)
{
    /// <summary>The file to write what is to be signed to; then nothing else is done. Null to go on.</summary>
    public string? StateTo { get; init; }

    /// <summary>Files with the notes of those who accept the loss.</summary>
    public IReadOnlyList<string> Consents { get; init; } = [];
}

/// <param name="Path">The file to make.</param>
/// <param name="Person">The id of the person's user.</param>
/// <param name="PassphraseFile">The file that holds the passphrase.</param>
internal sealed record ApproverKeyRequest(string Path, string Person, string PassphraseFile);

/// <param name="Loss">The file that states the loss.</param>
/// <param name="KeyFile">The signer's key of recovery.</param>
/// <param name="PassphraseFile">The file that holds its passphrase.</param>
/// <param name="Output">The note to write.</param>
internal sealed record ConsentRequest(string Loss, string KeyFile, string PassphraseFile, string Output);

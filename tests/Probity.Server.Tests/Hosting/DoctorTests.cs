using Probity.Server.AuditTrail.Health;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Doctor;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class DoctorTests
{
    [Fact]
    public async Task A_fresh_folder_is_healthy_and_nothing_is_made_in_it()
    {
        using var folder = new TemporaryFolder();

        var findings = await LookAsync(("AUDIT_DATA_DIR", folder.At("data")));

        Assert.Equal(ExitCode.Done, DoctorRun.ExitOf(findings));
        Assert.Contains(findings, f => f.Text.StartsWith("2555 days", StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.At("data")));
    }

    [Fact]
    public async Task A_bad_setting_exits_with_78() =>
        Assert.Equal(ExitCode.Configuration, DoctorRun.ExitOf(await LookAsync(("AUDIT_RETENTION_DAYS", "0"))));

    [Fact]
    public async Task A_store_out_of_reach_exits_with_2_and_shows_no_password()
    {
        using var folder = new TemporaryFolder();

        var findings = await LookAsync(("AUDIT_DATA_DIR", folder.Path), ("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@127.0.0.1:1/db"));

        Assert.Equal(ExitCode.CannotTell, DoctorRun.ExitOf(findings));
        Assert.DoesNotContain(findings, f => f.ToString().Contains("hunter2x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_check_that_throws_hides_no_other()
    {
        using var folder = new TemporaryFolder();

        var findings = await LookAsync([new Throwing()], ("AUDIT_DATA_DIR", folder.Path));

        Assert.Contains(findings, f => f is { Check: "throwing", Kind: FindingKind.Fault });
        Assert.Contains(findings, f => f.Check == "clock");
    }

    [Fact]
    public async Task An_exposed_first_key_is_a_fault()
    {
        using var folder = new TemporaryFolder();
        PrivateFile.TryCreate(folder.At("keys", "bootstrap.key"), "pk_");
        File.SetUnixFileMode(folder.At("keys", "bootstrap.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Equal(ExitCode.CannotTell, DoctorRun.ExitOf(await LookAsync(("AUDIT_DATA_DIR", folder.Path))));
    }

    [Fact]
    public async Task A_ledger_is_looked_into_migrations_and_keys_and_left_as_it_is()
    {
        await using var server = new AuditTrail.Api.RunningServer();
        await server.InitializeAsync();
        using var empty = new TemporaryFolder();

        var sound = await LookAsync([new LedgerDoctorCheck()], ("AUDIT_DATA_DIR", server.DataDir));
        var other = await LookAsync(
            [new LedgerDoctorCheck()], ("AUDIT_DATA_DIR", server.DataDir), ("AUDIT_ENCRYPTION_KEY", new string('a', 63) + "b"));
        var none = await LookAsync([new LedgerDoctorCheck()], ("AUDIT_DATA_DIR", empty.Path));

        Assert.Equal(
            ["every migration is applied", "the root key opens the stored keys"],
            sound.Where(f => f is { Check: "ledger", Kind: FindingKind.Ok }).Select(f => f.Text));
        Assert.Contains(other, f => f is { Check: "ledger", Kind: FindingKind.Fault });
        Assert.Contains(none, f => f is { Check: "ledger", Kind: FindingKind.Note });
        Assert.False(File.Exists(empty.At("probity.db")));
    }

    private static Task<IReadOnlyList<Finding>> LookAsync(params (string Name, string Value)[] environment) => LookAsync([], environment);

    private static Task<IReadOnlyList<Finding>> LookAsync(IDoctorCheck[] extra, params (string Name, string Value)[] environment) =>
        DoctorRun.LookAsync(environment.ToDictionary(e => e.Name, e => e.Value), new Dictionary<string, string>(), extra, CancellationToken.None);

    private sealed class Throwing : IDoctorCheck
    {
        public string Name => "throwing";

        public Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("unforeseen");
    }
}

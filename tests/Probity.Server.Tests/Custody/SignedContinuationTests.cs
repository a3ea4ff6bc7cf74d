using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Start;
using Probity.Server.Custody.Cli;
using Probity.Server.Custody.Erasure;
using Probity.Server.Custody.Recovery;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>A loss is accepted by two people who sign it, with keys that the ledger named before.</summary>
public sealed class SignedContinuationTests(SharedPostgres postgres)
{
    private const string Passphrase = "six random words in one line";
    private static readonly AcceptedLoss s_named = new(["usr_ana", "usr_ben"], "the disk burnt");

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_loss_that_two_people_signed_goes_on_and_anyone_can_check_it(string store)
    {
        using var first = await Installation.CreateAsync(store, postgres);
        using var second = await Installation.CreateAsync(store, postgres);
        await LoseAsync(first, second, "usr_ana", "usr_ben");

        // Names are no longer enough, and one who signs for two is not, either.
        await RefuseAsync(second, new ContinueRequest(null, s_named), "names are not enough");
        var loss = await StateAsync(second);
        var (ana, ben) = (await SignAsync(second, loss, "usr_ana"), await SignAsync(second, loss, "usr_ben"));
        await RefuseAsync(second, Signed(ana), "It takes two different people");
        await RefuseAsync(second, Signed(ana, ana), "It takes two different people");
        Assert.Contains("are lost for good", second.Output.ToString(), StringComparison.Ordinal);

        Assert.Equal(ExitCode.Done, await ContinueBody.RunAsync(Signed(ana, ben), second.Context(), default));

        await second.RecordAsync(2);
        Assert.Equal(ExitCode.Done, await VerifyBody.RunAsync(
            new VerifyRequest(first.OutsideFile), second.Context(), default));
        Assert.Contains("accepted by usr_ana, usr_ben, who have signed it", second.Output.ToString(),
            StringComparison.Ordinal);
        var log = Path.Combine(second.Folder, "log");
        await ExportBody.RunAsync(new ExportRequest("tlog", log, 0, null, null), second.Context(), default);
        var outside = await Programs.VerifyAsync(log, "--checkpoint", first.OutsideFile);
        Assert.True(outside.Code == 0, outside.Text);
        Assert.Contains("each has signed it with a key that an earlier entry names", outside.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_to_another_loss_or_of_a_stranger_is_refused_and_nothing_changes()
    {
        using var first = await Installation.CreateAsync("sqlite", postgres);
        using var second = await Installation.CreateAsync("sqlite", postgres);
        await LoseAsync(first, second, "usr_ana", "usr_ben");
        var loss = await StateAsync(second);
        var ana = await SignAsync(second, loss, "usr_ana");
        var stated = LossConsent.Parse(await File.ReadAllTextAsync(loss, TestContext.Current.CancellationToken));

        await MakeKeyAsync(second, "usr_zoe");
        await RefuseAsync(second, Signed(ana, await SignAsync(second, loss, "usr_zoe")), "is not signed with a key");

        // Signed for a larger gap than there is, and for another continuation of the same one.
        var wider = await WriteAsync(second, new LossConsent(
            stated.FormerOrigin, stated.KeptSize, stated.LastHash, stated.CheckpointSize + 1, stated.CheckpointRoot,
            stated.Origin));
        await RefuseAsync(second, Signed(ana, await SignAsync(second, wider, "usr_ben")), "a consent to another loss");
        var again = await StateAsync(second);
        await RefuseAsync(second, Signed(ana, await SignAsync(second, again, "usr_ben")), "a consent to another loss");
        await RefuseAsync(second, Signed(ana, loss), "no note that can be read");

        var ben = await SignAsync(second, loss, "usr_ben");
        Assert.Equal(ExitCode.Done, await ContinueBody.RunAsync(Signed(ana, ben), second.Context(), default));

        // The same notes do not serve twice: what they accepted has happened.
        await RefuseAsync(second, Signed(ana, ben) with { Checkpoint = first.OutsideFile }, "is a checkpoint of");
    }

    [Fact]
    public async Task With_fewer_than_two_keys_there_is_nothing_to_sign_and_names_are_taken()
    {
        using var first = await Installation.CreateAsync("sqlite", postgres);
        using var second = await Installation.CreateAsync("sqlite", postgres);
        await LoseAsync(first, second, "usr_ana");

        await RefuseAsync(second, new ContinueRequest(null, null) { StateTo = Path.Combine(second.Folder, "loss") },
            "1 people have a key of recovery");

        Assert.Equal(ExitCode.Done, await ContinueBody.RunAsync(
            new ContinueRequest(null, s_named), second.Context(), default));
    }

    [Fact]
    public async Task A_person_brings_the_own_key_and_a_second_one_agrees()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        var person = server.MakerId;
        var (_, key) = RecoveryKeyFile.Create(person, Passphrase);
        var (_, other) = RecoveryKeyFile.Create("usr_somebody", Passphrase);
        var from = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(maker, other.ToString(), null)).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await AskAsync(maker, other.ToString(), "usr_somebody")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(maker, "no key", null)).Status);
        var asked = await AskAsync(maker, key.ToString(), null);
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.DoesNotContain(await server.EntriesFromAsync(from), IsOfKey); // Nobody else has agreed yet.
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());

        var entry = Assert.Single(await server.EntriesFromAsync(from), IsOfKey);
        Assert.Equal((person, key.ToString()),
            (entry["data"]!["person"]!.GetValue<string>(), entry["data"]!["key"]!.GetValue<string>()));
        var approvers = entry["data"]!["approvers"]!.AsArray().Select(a => a!["id"]!.GetValue<string>());
        Assert.Equal(2, approvers.Distinct().Count());

        static bool IsOfKey(System.Text.Json.Nodes.JsonNode? e) =>
            e!["type"]!.GetValue<string>() == RecoveryKeyClaims.EntryType;
    }

    private static Task<Answer> AskAsync(Browser maker, string key, string? person) => maker.SendAsync(
        HttpMethod.Put, "/api/v1/recovery-keys", new { key, person, reason = "named by the board" });

    /// <summary>Keys of people in the ledger, a backup with them, and entries after it that are lost.</summary>
    private static async Task LoseAsync(Installation first, Installation second, params string[] people)
    {
        await first.RecordAsync(3);
        foreach (var person in people)
        {
            var key = await MakeKeyAsync(second, person);
            await using var ledger = await first.OpenAsync();
            await using var work = new UnitOfWork(
                ledger.Services.GetRequiredService<IDatabase>(), ledger.Services.GetRequiredService<ILedgerWriter>());
            RecoveryKeyDesk.Apply(
                work, new SetRecoveryKey { Person = person, Key = key.ToString(), Reason = "test" },
                [new Approver(person, person, "maker"), new Approver("usr_cara", "Cara", "checker")],
                new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System));
            await work.CommitAsync(CancellationToken.None);
        }

        await first.RecordAsync(1);
        var backup = Path.Combine(first.Folder, "old.backup");
        await BackupBody.CreateAsync(new BackupRequest(backup, 35), first.Context(), CancellationToken.None);
        await first.RecordAsync(5);
        second.TakeKeysOf(first);
        var kept = Path.Combine(second.Folder, "checkpoints");
        Directory.CreateDirectory(kept);
        File.Copy(first.OutsideFile, Path.Combine(kept, CheckpointKeeper.FileName));
        Assert.Equal(ExitCode.Done, await BackupBody.RestoreAsync(
            new RestoreRequest(backup, null, null), second.Context(), CancellationToken.None));
    }

    private static async Task<VerifierKey> MakeKeyAsync(Installation at, string person)
    {
        var words = Path.Combine(at.Folder, "words");
        await File.WriteAllTextAsync(words, Passphrase);
        await RecoveryBody.CreateKeyAsync(
            new ApproverKeyRequest(KeyOf(at, person), person, words), at.Output, CancellationToken.None);
        using var signer = RecoveryKeyFile.Open(await File.ReadAllTextAsync(KeyOf(at, person)), Passphrase);
        return signer.Key;
    }

    private static string KeyOf(Installation at, string person) => Path.Combine(at.Folder, person + ".key");

    private static async Task<string> StateAsync(Installation at)
    {
        var path = Path.Combine(at.Folder, $"loss-{Guid.CreateVersion7()}");
        Assert.Equal(ExitCode.Done, await ContinueBody.RunAsync(
            new ContinueRequest(null, null) { StateTo = path }, at.Context(), CancellationToken.None));
        return path;
    }

    private static async Task<string> WriteAsync(Installation at, LossConsent loss)
    {
        var path = Path.Combine(at.Folder, "loss-other");
        await File.WriteAllTextAsync(path, loss.ToText());
        return path;
    }

    private static async Task<string> SignAsync(Installation at, string loss, string person)
    {
        var note = $"{loss}.{person}";
        Assert.Equal(ExitCode.Done, await RecoveryBody.ConsentAsync(
            new ConsentRequest(loss, KeyOf(at, person), Path.Combine(at.Folder, "words"), note), at.Output,
            CancellationToken.None));
        return note;
    }

    private static ContinueRequest Signed(params string[] notes) => new(null, null) { Consents = notes };

    private static async Task RefuseAsync(Installation of, ContinueRequest request, string says)
    {
        var refusal = await Assert.ThrowsAsync<ExpectedFaultException>(
            () => ContinueBody.RunAsync(request, of.Context(), CancellationToken.None));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }
}

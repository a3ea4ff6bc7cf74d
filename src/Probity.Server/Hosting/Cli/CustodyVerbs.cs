using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary>The verbs of keys and backups.</summary>
internal static class CustodyVerbs
{
    public static Command BuildKeys(VerbBodies bodies) => new("keys", "The keys of the installation")
    {
        Rotate(bodies),
        RotateRoot(bodies),
        KeyFile("backup", "Write the keys into one file that a passphrase opens", SettingsUse.ReadKeys,
            bodies.BackUpKeys),
        KeyFile("restore", "Put the keys of such a file into a data folder without keys", SettingsUse.ReadKeys,
            bodies.RestoreKeys),
    };

    public static Command BuildBackup(VerbBodies bodies) =>
        new("backup", "Encrypted backups of everything but the root key")
    {
        Create(bodies), Verify(bodies), Restore(bodies), Continue(bodies), ApproverKey(bodies), Consent(bodies),
    };

    private static Command Rotate(VerbBodies bodies)
    {
        var verb = new Command("rotate",
            "Make a new key-encryption key and wrap every key under it; nothing is encrypted anew")
        {
            VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, token) => VerbRunner.RunAsync(parsed, SettingsUse.ReadKeys, bodies.RotateKeys, token));
        return verb;
    }

    private static Command RotateRoot(VerbBodies bodies)
    {
        var file = new Option<string>("--new-key-file")
        {
            Description = "A file with the new root key: 64 hex digits, base64, or 32 characters", HelpName = "FILE",
        };
        var provider = new Option<string>("--new-key-provider")
        {
            Description = "A new root key in a device, as AUDIT_KEY_PROVIDER names it; while no server runs",
            HelpName = "URI",
        };
        var verb = new Command("rotate-root",
            "Wrap the key-encryption keys under another root key; the former one opens nothing but older backups")
        {
            file, provider, VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.Validators.Add(parsed =>
        {
            if (parsed.GetValue(file) is null == parsed.GetValue(provider) is null)
            {
                parsed.AddError("Give the new key with --new-key-file FILE or --new-key-provider URI, one of the two.");
            }
        });
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys,
            (context, token) =>
                bodies.RotateRoot(parsed.GetValue(file) ?? parsed.GetValue(provider) ?? "", context, token),
            cancellationToken));
        return verb;
    }

    private static Command KeyFile(
        string name, string description, SettingsUse use, Func<KeyFileRequest, VerbContext, CancellationToken,
            Task<int>> body)
    {
        var file = new Argument<string>("FILE") { Description = "The key backup" };
        var passphrase = Passphrase();
        var verb = new Command(name, description) { file, passphrase, VerbOptions.Data() };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, use,
            (context, token) => body(new KeyFileRequest(parsed.GetValue(file) ?? "", parsed.GetValue(passphrase)
                ?? ""), context, token),
            cancellationToken));
        return verb;
    }

    private static Command Create(VerbBodies bodies)
    {
        var output = new Option<string>("--output",
            "-o") { Description = "The file to make [in the folder backups of the data folder]", HelpName = "FILE" };
        var keep = new Option<int>("--keep-days")
        {
            Description = "Days until the file will have been deleted; an erased key may survive in it as long",
            HelpName = "DAYS", DefaultValueFactory = _ => 35,
        };
        var verb = new Command("create", "Write a backup, while the server runs or not") { output, keep,
            VerbOptions.Data(), VerbOptions.Json() };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys,
            (context, token) => bodies.CreateBackup(
                new BackupRequest(parsed.GetValue(output), parsed.GetValue(keep)), context, token),
            cancellationToken));
        return verb;
    }

    private static Command Verify(VerbBodies bodies)
    {
        var file = new Argument<string>("FILE") { Description = "The backup" };
        var verb = new Command("verify",
            "Read every part of a backup and check it; exit 0 sound, 1 tampered") { file, VerbOptions.Data() };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys,
            (context, token) => bodies.VerifyBackup(parsed.GetValue(file) ?? "", context, token), cancellationToken));
        return verb;
    }

    private static Command Restore(VerbBodies bodies)
    {
        var file = new Argument<string>("FILE") { Description = "The backup" };
        var register = new Option<string>("--register") { Description = "A newer copy of the erasure register",
            HelpName = "FILE" };
        var against = new Option<string>(
            "--against") { Description = "A checkpoint kept outside [the kept one of the data folder]",
            HelpName = "FILE" };
        var loss = new LossOptions();
        var verb = new Command("restore", "Put a backup into an empty store")
        {
            file, register, against, loss.Accept, loss.Approvers, loss.Reason, VerbOptions.Data(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys,
            (context, token) => bodies.RestoreBackup(
                new RestoreRequest(parsed.GetValue(file) ?? "", parsed.GetValue(register), parsed.GetValue(against))
                {
                    Loss = loss.Read(parsed),
                },
                context, token),
            cancellationToken));
        return verb;
    }

    private static Command Continue(VerbBodies bodies)
    {
        var against = new Option<string>("--against")
        {
            Description = "The last checkpoint kept outside [the kept one of the data folder]", HelpName = "FILE",
        };
        var state = new Option<string>("--state")
        {
            Description = "Write what two people are to sign, and change nothing", HelpName = "FILE",
        };
        var consents = new Option<string[]>("--consent")
        {
            Description = "A note that `backup consent` signed; given once for each of two people or more",
            HelpName = "FILE",
        };
        var loss = new LossOptions();
        var verb = new Command("continue",
            "Go on under a new origin with a log of which an old copy was put back, stating what is lost")
        {
            against, state, consents, loss.Accept, loss.Approvers, loss.Reason, VerbOptions.Data(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed, SettingsUse.ReadKeys,
            (context, token) => bodies.ContinueLog(
                new ContinueRequest(parsed.GetValue(against), loss.Read(parsed))
                {
                    StateTo = parsed.GetValue(state),
                    Consents = parsed.GetValue(consents) ?? [],
                },
                context, token),
            cancellationToken));
        return verb;
    }

    private static Command ApproverKey(VerbBodies bodies)
    {
        var file = new Argument<string>("FILE") { Description = "The file to make; it stays with you" };
        var person = new Option<string>("--person")
        {
            Description = "The id of your user, usr_…", HelpName = "ID", Required = true,
        };
        var passphrase = Passphrase();
        var verb = new Command("approver-key", "Make your own key to consent to a loss with; reads no settings")
        {
            file, person, passphrase,
        };
        verb.SetAction((parsed, token) => VerbRunner.GuardAsync(
            parsed.InvocationConfiguration.Error,
            () => bodies.CreateApproverKey(
                new ApproverKeyRequest(
                    parsed.GetValue(file) ?? "", parsed.GetValue(person) ?? "", parsed.GetValue(passphrase) ?? ""),
                parsed.InvocationConfiguration.Output, token)));
        return verb;
    }

    private static Command Consent(VerbBodies bodies)
    {
        var loss = new Argument<string>("LOSS") { Description = "What `backup continue --state` wrote" };
        var key = new Option<string>("--key-file")
        {
            Description = "Your own key, of `backup approver-key`", HelpName = "FILE", Required = true,
        };
        var passphrase = Passphrase();
        var output = new Option<string>("--output", "-o")
        {
            Description = "The note to write", HelpName = "FILE", Required = true,
        };
        var verb = new Command("consent", "Show which entries would be lost, and sign that you accept it")
        {
            loss, key, passphrase, output,
        };
        verb.SetAction((parsed, token) => VerbRunner.GuardAsync(
            parsed.InvocationConfiguration.Error,
            () => bodies.SignLoss(
                new ConsentRequest(
                    parsed.GetValue(loss) ?? "", parsed.GetValue(key) ?? "", parsed.GetValue(passphrase) ?? "",
                    parsed.GetValue(output) ?? ""),
                parsed.InvocationConfiguration.Output, token)));
        return verb;
    }

    private static Option<string> Passphrase() => new("--passphrase-file")
    {
        Description = "A file with the passphrase, at least 16 characters", HelpName = "FILE", Required = true,
    };

    /// <summary>How two people acknowledge that signed entries are lost.</summary>
    private sealed class LossOptions
    {
        public Option<bool> Accept { get; } = new("--accept-loss")
        {
            Description = "Accept that entries which were signed are lost, and go on under a new origin",
        };

        public Option<string[]> Approvers { get; } = new("--approver")
        {
            Description = "Who agreed to the loss; two different people, given twice", HelpName = "ID",
        };

        public Option<string> Reason { get; } = new("--reason")
        {
            Description = "What happened, for the entry that states the loss; it stands in clear", HelpName = "TEXT",
        };

        public AcceptedLoss? Read(ParseResult parsed) => parsed.GetValue(Accept)
            ? new AcceptedLoss(parsed.GetValue(Approvers) ?? [], parsed.GetValue(Reason) ?? "an old copy was put back")
            : null;
    }
}

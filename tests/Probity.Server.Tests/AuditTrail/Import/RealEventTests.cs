using System.Text;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

/// <summary>The mapping of real events: counts, ids, exact originals and what an investigator would look for.</summary>
public sealed class RealEventTests
{
    private const string Folder = "audit-events";

    [Fact]
    public async Task Every_event_is_mapped_and_its_original_is_a_slice_of_its_file()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (file, format, events) in await ReadAllAsync())
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            counts[format] = counts.GetValueOrDefault(format) + events.Count;
            foreach (var source in events)
            {
                var wire = ImportSamples.Json(source);
                var original = Encoding.UTF8.GetBytes(wire.OriginalText());
                Assert.True(bytes.AsSpan((int)source.ByteOffset).StartsWith(original), $"{file}:{source.Line}");
                Assert.True(source.EventJson.Length <= ImportLimits.MaxEventBytes);
            }
        }

        Assert.Equal(
            new Dictionary<string, int>
            {
                ["cloudtrail"] = 310,
                ["gcp"] = 1,
                ["github"] = 2,
                ["kubernetes"] = 2,
                ["okta"] = 1,
                ["windows-security"] = 938,
            },
            counts);
    }

    [Fact]
    public async Task No_two_of_the_events_share_an_id_and_no_id_changes_between_runs()
    {
        var first = await IdsAsync();
        var second = await IdsAsync();

        Assert.Equal(1254, first.Count);
        Assert.Equal(1254, first.Distinct().Count());
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Every_event_says_who_and_to_what()
    {
        foreach (var (file, _, events) in await ReadAllAsync())
        {
            foreach (var source in events)
            {
                var wire = ImportSamples.Json(source);
                Assert.NotEqual("unknown", wire.Value("actor/id"));
                Assert.False(string.IsNullOrEmpty(wire.Value("targets/0/id")), $"{file}:{source.Line}");
                Assert.NotEqual("unknown", wire.Value("outcome"));
            }
        }
    }

    [Fact]
    public async Task Outcomes_of_the_cloud_events_follow_their_error_codes()
    {
        var outcomes = (await ReadAllAsync()).Where(file => file.Format == "cloudtrail")
            .SelectMany(file => file.Events).Select(source => ImportSamples.Json(source).Value("outcome") ?? "")
            .CountBy(outcome => outcome).ToDictionary(pair => pair.Key, pair => pair.Value);

        Assert.Equal(new Dictionary<string, int> { ["success"] = 258, ["denied"] = 51, ["failure"] = 1 }, outcomes);
    }

    [Fact]
    public async Task The_one_failed_logon_names_account_address_and_reason()
    {
        var failed = Assert.Single((await ReadAllAsync()).SelectMany(file => file.Events)
            .Select(ImportSamples.Json), wire => wire.Value("action") == "windows.4625.logon_failed");

        Assert.Equal("failure", failed.Value("outcome"));
        Assert.Equal("administrator", failed.Value("actor/name"));
        Assert.Equal("203.192.247.66", failed.Value("context/address"));
        Assert.Equal("0xc0000225", failed.Value("reason/code"));
    }

    [Theory]
    [InlineData("aws.persistence.iam-create-admin-user.json", "iam.CreateAccessKey", "AWS::IAM::AccessKey")]
    [InlineData("aws.defense-evasion.vpc-remove-flow-logs.json", "ec2.DeleteFlowLogs", "AWS::EC2::FlowLog")]
    [InlineData("aws.defense-evasion.cloudtrail-stop.json", "cloudtrail.StopLogging", "AWS::CloudTrail::Trail")]
    [InlineData("aws.exfiltration.ec2-share-ebs-snapshot.json", "ec2.ModifySnapshotAttribute", "AWS::EC2::Snapshot")]
    [InlineData("aws.exfiltration.rds-share-snapshot.json", "rds.ModifyDBSnapshotAttribute", "AWS::RDS::DBSnapshot")]
    [InlineData("aws.execution.ssm-start-session.json", "ssm.StartSession", "AWS::EC2::Instance")]
    [InlineData("aws.credential-access.ssm-retrieve-securestring-parameters.json", "ssm.GetParameters", "AWS::SSM::Parameter")]
    [InlineData("aws.credential-access.secretsmanager-retrieve-secrets.json", "secretsmanager.GetSecretValue", "AWS::SecretsManager::Secret")]
    public async Task A_known_attack_step_names_its_target(string file, string action, string targetType)
    {
        var bytes = TestData.Bytes($"{Folder}/aws-cloudtrail/{file}");

        var events = (await ImportSamples.ReadAsync("cloudtrail", bytes)).Select(ImportSamples.Json);

        Assert.Contains(events, wire => wire.Value("action") == action && wire.GetProperty("targets").EnumerateArray()
            .Any(target => target.Value("type") == targetType));
    }

    [Fact]
    public async Task Signed_sixty_four_bit_keywords_stay_as_written()
    {
        var bytes = TestData.Bytes($"{Folder}/windows-security/security-T1047.jsonl");

        var events = (await ImportSamples.ReadAsync("windows-security", bytes)).Select(ImportSamples.Json);

        Assert.All(events, wire => Assert.Matches("\"Keywords\":-92[0-9]{17}[,}]", wire.OriginalText()));
    }

    [Fact]
    public async Task The_digest_and_the_readme_are_skipped_by_name()
    {
        TestData.SkipUnlessPresent(Folder);

        var plan = await ImportPlan.MakeAsync([TestData.Path(Folder)], null, TestContext.Current.CancellationToken);

        var skipped = plan.Files.Where(file => file.SkipReason is not null).Select(file => Path.GetFileName(file.Path));
        Assert.Equal(["README.md", "cloudtrail-digest.json"], skipped);
        Assert.DoesNotContain(plan.Files, file => file.IsUnreadable);
    }

    [Fact]
    public async Task A_second_run_over_the_whole_folder_gives_duplicates_alone()
    {
        TestData.SkipUnlessPresent(Folder);
        var sink = new MemorySink();
        var options = new EventsImportOptions { Paths = [TestData.Path(Folder)] };

        var codes = new List<int>();
        var texts = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            using var output = new StringWriter();
            codes.Add(await new EventsImport(TimeProvider.System)
                .RunAsync(options, output, TextWriter.Null, sink, TestContext.Current.CancellationToken));
            texts.Add(output.ToString());
        }

        Assert.Equal([0, 0], codes);
        Assert.Contains("1254 accepted, 0 duplicate, 0 refused, 2 files skipped", texts[0], StringComparison.Ordinal);
        Assert.Contains("0 accepted, 1254 duplicate, 0 refused, 2 files skipped", texts[1], StringComparison.Ordinal);
        Assert.Equal([500, 500, 254, 500, 500, 254], sink.BatchSizes);
    }

    private static async Task<List<(string, string)>> IdsAsync()
        => [.. (await ReadAllAsync()).SelectMany(file => file.Events).Select(ImportSamples.Json)
            .Select(wire => (wire.Value("source") ?? "", wire.Value("external_id") ?? ""))];

    private static async Task<List<(string File, string Format, List<SourceEvent> Events)>> ReadAllAsync()
    {
        TestData.SkipUnlessPresent(Folder);
        var plan = await ImportPlan.MakeAsync([TestData.Path(Folder)], null, TestContext.Current.CancellationToken);
        var read = new List<(string, string, List<SourceEvent>)>();
        foreach (var file in plan.Files)
        {
            if (file.Format is { } format)
            {
                var bytes = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
                read.Add((file.Path, format.Name, await ImportSamples.ReadAsync(format.Name, bytes)));
            }
        }

        return read;
    }
}

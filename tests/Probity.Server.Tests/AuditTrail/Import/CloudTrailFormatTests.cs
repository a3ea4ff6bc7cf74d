using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class CloudTrailFormatTests
{
    [Fact]
    public async Task A_user_stopping_a_trail_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("cloudtrail", ImportSamples.CloudTrail);

        Assert.Equal("cloudtrail.StopLogging", wire.Value("action"));
        Assert.Equal("arn:aws:iam::123456789012:user/ada", wire.Value("actor/id"));
        Assert.Equal("user", wire.Value("actor/type"));
        Assert.Equal("ada", wire.Value("actor/name"));
        Assert.Null(wire.Value("actor/session"));
        Assert.Equal("main-trail", wire.Value("targets/0/id"));
        Assert.Equal("AWS::CloudTrail::Trail", wire.Value("targets/0/type"));
        Assert.Equal("2024-08-02T08:23:24Z", wire.Value("occurred_at"));
        Assert.Equal("success", wire.Value("outcome"));
        Assert.Equal("192.0.2.1", wire.Value("context/address"));
        Assert.Equal("aws-cli", wire.Value("context/user_agent"));
        Assert.Equal("cloudtrail.amazonaws.com", wire.Value("context/service"));
        Assert.Equal("r-1", wire.Value("context/request_id"));
        Assert.Equal("aws-cloudtrail:123456789012", wire.Value("source"));
        Assert.Equal("e-1", wire.Value("external_id"));
        Assert.Equal("cloudtrail", wire.Value("original/format"));
        Assert.Equal(ImportSamples.CloudTrail, wire.OriginalText());
    }

    [Fact]
    public async Task An_assumed_role_names_role_session_and_issuer()
    {
        const string Identity =
            """{"type":"AssumedRole","principalId":"AROA1:ada","arn":"arn:aws:sts::1:assumed-role/ops/ada","accountId":"1","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::1:role/ops","userName":"ops"},"attributes":{"mfaAuthenticated":"true"}}}""";

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", With("userIdentity", Identity));

        Assert.Equal("arn:aws:sts::1:assumed-role/ops/ada", wire.Value("actor/id"));
        Assert.Equal("assumed_role", wire.Value("actor/type"));
        Assert.Equal("ops/ada", wire.Value("actor/name"));
        Assert.Equal("arn:aws:iam::1:role/ops", wire.Value("actor/role"));
        Assert.Equal("ada", wire.Value("actor/session"));
        Assert.Equal("arn:aws:iam::1:role/ops", wire.Value("actor/on_behalf_of/id"));
        Assert.Equal("role", wire.Value("actor/on_behalf_of/type"));
        Assert.Equal("true", wire.Value("data/mfa"));
    }

    [Fact]
    public async Task A_source_identity_is_the_person_behind_the_role()
    {
        const string Identity =
            """{"type":"AssumedRole","principalId":"AROA1:s","arn":"arn:aws:sts::1:assumed-role/ops/s","sessionContext":{"sourceIdentity":"ada@bank.example","sessionIssuer":{"type":"Role","arn":"arn:aws:iam::1:role/ops"}}}""";

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", With("userIdentity", Identity));

        Assert.Equal("ada@bank.example", wire.Value("actor/on_behalf_of/id"));
    }

    [Fact]
    public async Task A_service_is_known_by_what_invoked_the_call()
    {
        var wire = await ImportSamples.ReadOneAsync(
            "cloudtrail", With("userIdentity", """{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"""));

        Assert.Equal("ec2.amazonaws.com", wire.Value("actor/id"));
        Assert.Equal("service", wire.Value("actor/type"));
    }

    [Theory]
    [InlineData("AccessDenied", "denied")]
    [InlineData("AccessDeniedException", "denied")]
    [InlineData("Client.UnauthorizedOperation", "denied")]
    [InlineData("NotAuthorizedException", "denied")]
    [InlineData("NoSuchBucket", "failure")]
    [InlineData("ThrottlingException", "failure")]
    public async Task An_error_code_decides_the_outcome(string error, string outcome)
    {
        var text = ImportSamples.CloudTrail[..^1] + $$""","errorCode":"{{error}}","errorMessage":"no"}""";

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        Assert.Equal(outcome, wire.Value("outcome"));
        Assert.Equal(error, wire.Value("reason/code"));
        Assert.Equal("no", wire.Value("reason/text"));
    }

    [Fact]
    public async Task A_failed_console_sign_in_is_a_failure_without_an_error_code()
    {
        var text = With("responseElements", """{"ConsoleLogin":"Failure"}""").Replace("StopLogging", "ConsoleLogin", StringComparison.Ordinal);

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        Assert.Equal("failure", wire.Value("outcome"));
    }

    [Fact]
    public async Task Nested_request_members_and_arns_become_targets()
    {
        var text = With(
            "requestParameters",
            """{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},"policyArn":"arn:aws:iam::aws:policy/Admin","DeleteFlowLogsRequest":{"FlowLogId":{"content":"fl-1","tag":1}},"filters":[{"key":"InstanceIds","values":["i-3"]}],"note":"HIDDEN_DUE_TO_SECURITY_REASONS"}""");

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        var targets = wire.GetProperty("targets").EnumerateArray().Select(target => $"{target.Value("type")} {target.Value("id")}");
        Assert.Equal(
            [
                "AWS::EC2::Instance i-1", "AWS::EC2::Instance i-2", "AWS::IAM::Policy arn:aws:iam::aws:policy/Admin",
                "AWS::EC2::FlowLog fl-1", "AWS::EC2::Instance i-3",
            ],
            targets);
    }

    [Fact]
    public async Task A_denied_call_without_parameters_names_the_resource_of_its_message()
    {
        var text = With("requestParameters", "null")[..^1]
            + ""","errorCode":"AccessDenied","errorMessage":"User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/ops because no"}""";

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        Assert.Equal("arn:aws:iam::1:role/ops", wire.Value("targets/0/id"));
        Assert.Equal("AWS::IAM::Role", wire.Value("targets/0/type"));
    }

    [Fact]
    public async Task A_call_without_resources_is_about_the_account()
    {
        var wire = await ImportSamples.ReadOneAsync("cloudtrail", With("requestParameters", "null"));

        Assert.Equal("123456789012", wire.Value("targets/0/id"));
        Assert.Equal("AWS::::Account", wire.Value("targets/0/type"));
    }

    [Theory]
    [InlineData("eventTime", "\"2025-10-21TT00:52:27Z\"", "import.time")]
    [InlineData("eventTime", "null", "import.missing_field")]
    [InlineData("eventName", "\"\"", "import.missing_field")]
    [InlineData("eventSource", "{}", "import.missing_field")]
    public async Task A_field_that_cannot_be_used_is_refused_by_name(string field, string value, string code)
    {
        var refused = Assert.Single(await ImportSamples.ReadAsync("cloudtrail", With(field, value)));

        Assert.Equal(code, refused.Refusal?.Code);
        Assert.Contains(field, refused.Refusal?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_with_repeated_names_is_kept_and_marked()
    {
        var text = ImportSamples.CloudTrail[..^1] + ""","eventName":"StartLogging"}""";

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        Assert.Equal("true", wire.Value("data/repeated_names"));
        Assert.Equal(text, wire.OriginalText());
    }

    [Fact]
    public async Task Nul_and_half_surrogates_do_not_reach_mapped_fields_but_stay_in_the_original()
    {
        var text = ImportSamples.CloudTrail.Replace("\"aws-cli\"", "\"a\\u0000b\\ud800c\\n\"", StringComparison.Ordinal);

        var wire = await ImportSamples.ReadOneAsync("cloudtrail", text);

        Assert.Equal("a\uFFFDb\uFFFDc\n", wire.Value("context/user_agent"));
        Assert.Equal(text, wire.OriginalText());
    }

    private static string With(string field, string json)
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse(ImportSamples.CloudTrail)?.AsObject()
            ?? throw new InvalidOperationException("the sample is an object");
        document[field] = System.Text.Json.Nodes.JsonNode.Parse(json);
        return document.ToJsonString();
    }
}

using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class OtherFormatTests
{
    private const string Okta =
        """{"uuid":"u-1","published":"2020-11-25 21:27:03.496000000","eventType":"user.account.privilege.grant","displayMessage":"Grant user privilege","actor":{"id":"00u1","type":"User","alternateId":"jack@bank.example","displayName":"Jack"},"client":{"userAgent":{"rawUserAgent":"Mozilla"},"ipAddress":"192.0.2.58"},"outcome":{"result":"SUCCESS"},"target":[{"id":"00u2","type":"User","alternateId":"alice@bank.example","displayName":"Alice","changeDetails":{"from":{"role":"none"},"to":{"role":"admin"}}}],"authenticationContext":{"externalSessionId":"s-1"},"debugContext":{"debugData":{"privilegeGranted":"Super administrator","requestId":"q-1"}}}""";

    private const string Github =
        """{"actor":"cat","action":"repo.access","created_at":1621305118553,"org":"my-org","repo":"my-org/my-repo","visibility":"public","previous_visibility":"private","actor_ip":"192.0.2.9","_document_id":"d-1"}""";

    private const string Kubernetes =
        """{"kind":"Event","auditID":"a-1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/pay/pods/web/exec","verb":"create","user":{"username":"ada","groups":["ops","system:authenticated"]},"impersonatedUser":{"username":"system:serviceaccount:pay:bot"},"sourceIPs":["192.0.2.3","10.0.0.1"],"userAgent":"kubectl","objectRef":{"resource":"pods","namespace":"pay","name":"web","subresource":"exec"},"responseStatus":{"code":101},"requestReceivedTimestamp":"2023-01-01T00:00:00.000001Z"}""";

    private const string Gcp =
        """{"protoPayload":{"status":{},"authenticationInfo":{"principalEmail":"bot@p.iam.gserviceaccount.com","serviceAccountDelegationInfo":[{"firstPartyPrincipal":{"principalEmail":"ada@bank.example"}}]},"requestMetadata":{"callerIp":"192.0.2.4","callerSuppliedUserAgent":"gcloud"},"serviceName":"cloudresourcemanager.googleapis.com","methodName":"SetIamPolicy","authorizationInfo":[{"resource":"projects/1","permission":"p.set","granted":true}],"resourceName":"projects/1","serviceData":{"policyDelta":{"bindingDeltas":[{"action":"ADD","role":"roles/owner","member":"user:x"},{"action":"REMOVE","role":"roles/viewer","member":"user:x"}]}}},"insertId":"i-1","resource":{"type":"project"},"timestamp":"2022-02-24T17:00:38.615448Z","logName":"projects/1/logs/cloudaudit.googleapis.com%2Factivity"}""";

    [Fact]
    public async Task Okta_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("okta", Okta);

        Assert.Equal("user.account.privilege.grant", wire.Value("action"));
        Assert.Equal("00u1", wire.Value("actor/id"));
        Assert.Equal("jack@bank.example", wire.Value("actor/email"));
        Assert.Equal("s-1", wire.Value("actor/session"));
        Assert.Equal("00u2", wire.Value("targets/0/id"));
        Assert.Equal("alice@bank.example", wire.Value("targets/0/email"));
        Assert.Equal("2020-11-25T21:27:03.496Z", wire.Value("occurred_at"));
        Assert.Equal("UTC", wire.Value("data/assumed_time_zone"));
        Assert.Equal("q-1", wire.Value("context/request_id"));
        Assert.Equal("Super administrator", wire.Value("after/privileges"));
        Assert.Equal("none", wire.Value("before/00u2/role"));
        Assert.Equal("admin", wire.Value("after/00u2/role"));
        Assert.Equal(("okta", "u-1"), (wire.Value("source"), wire.Value("external_id")));
        Assert.Equal(Okta, wire.OriginalText());
    }

    [Theory]
    [InlineData("FAILURE", "failure")]
    [InlineData("DENY", "denied")]
    [InlineData("ALLOW", "success")]
    [InlineData("CHALLENGE", "unknown")]
    public async Task Okta_results_become_outcomes(string result, string outcome)
    {
        var wire = await ImportSamples.ReadOneAsync("okta", Okta.Replace("SUCCESS", result, StringComparison.Ordinal));

        Assert.Equal(outcome, wire.Value("outcome"));
    }

    [Fact]
    public async Task Github_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("github", Github);

        Assert.Equal("repo.access", wire.Value("action"));
        Assert.Equal(("cat", "user"), (wire.Value("actor/id"), wire.Value("actor/type")));
        Assert.Equal("my-org/my-repo", wire.Value("targets/0/id"));
        Assert.Equal("organization", wire.Value("targets/1/type"));
        Assert.Equal("2021-05-18T02:31:58.553Z", wire.Value("occurred_at"));
        Assert.Equal(("private", "public"), (wire.Value("before/visibility"), wire.Value("after/visibility")));
        Assert.Equal(("github:my-org", "d-1"), (wire.Value("source"), wire.Value("external_id")));
        Assert.Equal(Github, wire.OriginalText());
    }

    [Fact]
    public async Task Github_events_without_an_id_go_by_their_text()
    {
        var text = Github.Replace(",\"_document_id\":\"d-1\"", "", StringComparison.Ordinal);

        var one = await ImportSamples.ReadOneAsync("github", text);
        var other = await ImportSamples.ReadOneAsync("github", text.Replace("cat", "dog", StringComparison.Ordinal));

        Assert.StartsWith("sha256:", one.Value("external_id"), StringComparison.Ordinal);
        Assert.NotEqual(one.Value("external_id"), other.Value("external_id"));
    }

    [Fact]
    public async Task Kubernetes_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("kubernetes", Kubernetes);

        Assert.Equal("create pods/exec", wire.Value("action"));
        Assert.Equal(("ada", "ops"), (wire.Value("actor/id"), wire.Value("actor/role")));
        Assert.Equal("system:serviceaccount:pay:bot", wire.Value("actor/on_behalf_of/id"));
        Assert.Equal("service_account", wire.Value("actor/on_behalf_of/type"));
        Assert.Equal(("pay/pods/web", "pods"), (wire.Value("targets/0/id"), wire.Value("targets/0/type")));
        Assert.Equal("192.0.2.3", wire.Value("context/address"));
        Assert.Equal("success", wire.Value("outcome"));
        Assert.Equal("2023-01-01T00:00:00.000001Z", wire.Value("occurred_at"));
        Assert.StartsWith("a-1:ResponseComplete:", wire.Value("external_id"), StringComparison.Ordinal);
        Assert.Equal(Kubernetes, wire.OriginalText());
    }

    [Theory]
    [InlineData("\"responseStatus\":{\"code\":101}", "\"responseStatus\":{\"code\":403}", "denied")]
    [InlineData("\"responseStatus\":{\"code\":101}", "\"responseStatus\":{\"code\":404}", "failure")]
    [InlineData("\"responseStatus\":{\"code\":101}", "\"annotations\":{\"authorization.k8s.io/decision\":\"forbid\"}", "denied")]
    [InlineData("\"responseStatus\":{\"code\":101}", "\"level\":\"Metadata\"", "unknown")]
    public async Task Kubernetes_answers_and_decisions_become_outcomes(string from, string to, string outcome)
    {
        var wire = await ImportSamples.ReadOneAsync("kubernetes", Kubernetes.Replace(from, to, StringComparison.Ordinal));

        Assert.Equal(outcome, wire.Value("outcome"));
    }

    [Fact]
    public async Task An_audit_id_chosen_by_the_caller_cannot_hide_another_event()
    {
        var one = await ImportSamples.ReadOneAsync("kubernetes", Kubernetes);
        var other = await ImportSamples.ReadOneAsync("kubernetes", Kubernetes.Replace("/web", "/db", StringComparison.Ordinal));

        Assert.NotEqual(one.Value("external_id"), other.Value("external_id"));
    }

    [Fact]
    public async Task A_kubernetes_event_list_is_read_item_by_item()
    {
        var events = await ImportSamples.ReadAsync(
            "kubernetes", $$"""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{{Kubernetes}},{{Kubernetes}}]}""");

        Assert.Equal(2, events.Count);
        Assert.All(events, found => Assert.Equal(Kubernetes, ImportSamples.Json(found).OriginalText()));
    }

    [Fact]
    public async Task Gcp_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("gcp", Gcp);

        Assert.Equal("SetIamPolicy", wire.Value("action"));
        Assert.Equal("bot@p.iam.gserviceaccount.com", wire.Value("actor/id"));
        Assert.Equal("service_account", wire.Value("actor/type"));
        Assert.Equal("ada@bank.example", wire.Value("actor/on_behalf_of/id"));
        Assert.Equal(("projects/1", "project"), (wire.Value("targets/0/id"), wire.Value("targets/0/type")));
        Assert.Null(wire.Value("targets/1/id"));
        Assert.Equal("success", wire.Value("outcome"));
        Assert.Equal("roles/owner", wire.Value("after/added_bindings/0/role"));
        Assert.Equal("roles/viewer", wire.Value("before/removed_bindings/0/role"));
        Assert.Equal("gcp:projects/1", wire.Value("source"));
        Assert.Equal("cloudaudit.googleapis.com/activity:2022-02-24T17:00:38.615448Z:i-1", wire.Value("external_id"));
        Assert.Equal(Gcp, wire.OriginalText());
    }

    [Theory]
    [InlineData("\"status\":{}", "\"status\":{\"code\":7,\"message\":\"no\"}", "denied", "PERMISSION_DENIED")]
    [InlineData("\"status\":{}", "\"status\":{\"code\":5}", "failure", "NOT_FOUND")]
    [InlineData("\"granted\":true", "\"granted\":false", "denied", null)]
    public async Task Gcp_status_and_grants_become_outcomes(string from, string to, string outcome, string? code)
    {
        var wire = await ImportSamples.ReadOneAsync("gcp", Gcp.Replace(from, to, StringComparison.Ordinal));

        Assert.Equal((outcome, code), (wire.Value("outcome"), wire.Value("reason/code")));
    }

    [Fact]
    public async Task Our_own_events_pass_through_byte_by_byte()
    {
        const string Text = """{ "action" : "a", "actor":{"id":"x"}, "source":"s","external_id":"1", "data":{"n":1.50} }""";

        var source = Assert.Single(await ImportSamples.ReadAsync("ndjson", Text));

        Assert.Equal(Text, System.Text.Encoding.UTF8.GetString(source.EventJson.Span));
    }

    [Fact]
    public async Task Our_own_events_without_an_id_get_one_that_lasts()
    {
        const string Timed = """{"action":"a","actor":{"id":"x"},"occurred_at":"2024-01-01T00:00:00Z"}""";
        const string Untimed = """{"action":"a","actor":{"id":"x"}}""";

        var events = await ImportSamples.ReadAsync("ndjson", $"{Timed}\n{Timed}\n{Untimed}\n{Untimed}\n");

        var ids = events.Select(found => ImportSamples.Json(found).Value("external_id")).ToArray();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[2], ids[3]);
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("""{"action":"a"}""", "import.missing_field")]
    [InlineData("""{"actor":{"id":"x"}}""", "import.missing_field")]
    [InlineData("""{"action":"a","actor":{"name":"x"}}""", "import.missing_field")]
    [InlineData("""{"action":"a","actor":{"id":"x"},"occurred_at":"yesterday"}""", "import.time")]
    [InlineData("""{"action":"a","action":"b","actor":{"id":"x"}}""", "import.syntax")]
    public async Task Our_own_events_are_checked_before_they_are_sent(string text, string code)
        => Assert.Equal(code, Assert.Single(await ImportSamples.ReadAsync("ndjson", text)).Refusal?.Code);
}

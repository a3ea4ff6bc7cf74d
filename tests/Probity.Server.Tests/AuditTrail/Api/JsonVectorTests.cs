using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>The JSON parsing suite and the naughty strings, through the API.</summary>
public sealed class JsonVectorTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Folder = "vectors/json-parsing";

    /// <summary>Characters as themselves: the bounds of members count bytes of JSON text, and six for an escape.</summary>
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What RFC 8259 allows and the ledger refuses, with the reason.</summary>
    private static readonly Dictionary<string, string> RefusedThoughValid = new()
    {
        // Two members of one name: readers disagree on which one counts.
        ["y_object_duplicated_key.json"] = "json.duplicate_key",
        ["y_object_duplicated_key_and_value.json"] = "json.duplicate_key",

        // NUL cannot be stored everywhere as text.
        ["y_object_escaped_null_in_key.json"] = "json.nul",
        ["y_string_null_escape.json"] = "json.nul",

        // Integers beyond 2^53-1, spelled with an exponent, lose digits in most readers.
        ["y_number.json"] = "json.unsafe_number",
        ["y_number_real_capital_e.json"] = "json.unsafe_number",
        ["y_number_real_exponent.json"] = "json.unsafe_number",
        ["y_number_real_fraction_exponent.json"] = "json.unsafe_number",
        ["y_object_extreme_numbers.json"] = "json.unsafe_number",
    };

    [Fact]
    public async Task Each_of_the_318_texts_as_a_value_is_taken_or_refused_as_it_must()
    {
        TestData.SkipUnlessPresent(Folder);
        var names = TestData.FileNames(Folder);
        Assert.Equal(318, names.Count);
        var wrong = new List<string>();
        foreach (var name in names)
        {
            var file = TestData.Bytes($"{Folder}/{name}");
            var before = await server.SizeAsync();
            byte[] body = [.. """{"action":"t","actor":{"id":"x"},"data":{"v":"""u8, .. file, .. "}}"u8];

            var answer = await server.SendAsync(HttpMethod.Post, "/api/v1/events", body);

            var grown = await server.SizeAsync() - before;
            if (!IsRight(name, answer) || grown != (answer.Status == HttpStatusCode.Created ? 1 : 0))
            {
                wrong.Add($"{name}: {(int)answer.Status} {answer.Text} (log grew by {grown})");
            }
            else if (answer.Status == HttpStatusCode.Created)
            {
                var view = await server.GetAsync(answer.Headers["Location"]);
                if (!JsonNode.DeepEquals(JsonNode.Parse(file), view.Json["data"]!["v"]))
                {
                    wrong.Add($"{name}: comes back as {view.Json["data"]?.ToJsonString()}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Each_of_the_318_texts_as_the_whole_body_changes_nothing()
    {
        TestData.SkipUnlessPresent(Folder);
        var before = await server.SizeAsync();
        var wrong = new List<string>();
        foreach (var name in TestData.FileNames(Folder))
        {
            var file = TestData.Bytes($"{Folder}/{name}");
            foreach (var path in new[] { "/api/v1/events", "/api/v1/events:batchCreate", "/api/v1/api-keys" })
            {
                var answer = await server.SendAsync(HttpMethod.Post, path, file);
                if ((int)answer.Status is < 400 or > 499 || answer.Code.Length == 0)
                {
                    wrong.Add($"{name} to {path}: {(int)answer.Status} {answer.Text}");
                }
            }

            var ingest = await server.SendAsync(HttpMethod.Post, "/api/v1/events:ingest", file);
            if (ingest.Status != HttpStatusCode.OK || ingest.Lines[^1]["summary"]!["accepted"]!.GetValue<int>() != 0)
            {
                wrong.Add($"{name} to ingest: {(int)ingest.Status} {ingest.Text}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task Naughty_strings_come_back_equal()
    {
        var strings = NaughtyStrings();
        var wrong = new List<string>();
        for (var n = 0; n < strings.Count; n++)
        {
            var body = new JsonObject
            {
                ["action"] = "t",
                ["actor"] = new JsonObject { ["id"] = "x", ["name"] = strings[n] },
                ["reason"] = new JsonObject { ["text"] = strings[n] },
                ["data"] = new JsonObject { ["v"] = strings[n], [strings[n]] = 1 },
            };
            if (strings[n].Length == 0)
            {
                // A name that is given is not empty; in the caller's own data an empty string is a value.
                body.Remove("reason");
                body["actor"]!.AsObject().Remove("name");
            }

            var answer = await server.PostEventAsync(body.ToJsonString(s_plain));
            if (answer.Status != HttpStatusCode.Created)
            {
                wrong.Add($"{n}: {(int)answer.Status} {answer.Text}");
                continue;
            }

            var view = (await server.GetAsync(answer.Headers["Location"])).Json;
            foreach (var member in new[] { "actor", "reason", "data" })
            {
                if (!JsonNode.DeepEquals(body[member], view[member]))
                {
                    wrong.Add($"{n} {member}: {view[member]?.ToJsonString()}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Naughty_strings_in_a_filter_are_an_answer_or_a_refusal()
    {
        var strings = NaughtyStrings();
        var wrong = new List<string>();
        for (var n = 0; n < strings.Count; n++)
        {
            var quoted = strings[n].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            foreach (var filter in new[] { $"text:\"{quoted}\"", $"actor=\"{quoted}\"", strings[n] })
            {
                var answer = await server.GetAsync("/api/v1/events?page_size=1&filter=" + Uri.EscapeDataString(filter));
                if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.BadRequest))
                {
                    wrong.Add($"{n} {filter}: {(int)answer.Status} {answer.Text}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static bool IsRight(string name, Answer answer) => (name[0], (int)answer.Status) switch
    {
        ('y', 201) => !RefusedThoughValid.ContainsKey(name),
        ('y', >= 400 and < 500) => RefusedThoughValid.TryGetValue(name, out var code) && answer.Code == code,
        ('n', >= 400 and < 500) => answer.Code.Length > 0,
        ('i', 201) => true,
        ('i', >= 400 and < 500) => answer.Code.Length > 0,
        _ => false,
    };

    private static List<string> NaughtyStrings()
    {
        var strings = JsonSerializer.Deserialize<List<string>>(TestData.Bytes("vectors/blns.json"))!;
        Assert.True(strings.Count > 500);
        Assert.DoesNotContain(strings, text => text.Contains('\0', StringComparison.Ordinal));
        return strings;
    }
}

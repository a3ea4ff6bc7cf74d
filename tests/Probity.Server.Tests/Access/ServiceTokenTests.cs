using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Probity.Server.Access.Tokens;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class ServiceTokenTests(AccessServer server) : IClassFixture<AccessServer>
{
    private const string Wycheproof = "vectors/wycheproof/json_web_signature_test.json";
    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    private byte[] Key => server.Services.GetRequiredService<ProbitySettings>().SecretKey!.Bytes.ToArray();

    [Fact]
    public async Task A_good_token_does_what_its_scopes_say_and_no_more_and_is_named_in_the_entry()
    {
        var token = Sign(Header(), Claims());
        var from = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(token, "/api/v1/events")).Status);
        (await SendAsync(token, "/api/v1/users")).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");

        var entries = await server.EntriesFromAsync(from);
        Assert.Equal(["probity.events.searched", "probity.access.denied"], entries.Select(e => e["type"]!.GetValue<string>()));
        Assert.All(entries, e => Assert.Equal("svc:core", e["actor"]!["id"]!.GetValue<string>()));
    }

    public static TheoryData<string> Bent => [.. Forgeries(0, new byte[32]).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Bent))]
    public async Task A_bent_or_forged_token_is_refused(string name)
    {
        var token = Forgeries(Now, Key).Single(f => f.Name == name).Token;

        var answer = await SendAsync(token, "/api/v1/events");

        Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{name}: {answer.Text}");
    }

    [Fact]
    public async Task A_compartment_is_never_opened_by_a_scope()
    {
        var claims = Claims();
        claims["scope"] = "ledger.entry.read filing.sar.read";
        using var client = server.NewClient();
        var who = await AccessServer.SendAsync(
            client, HttpMethod.Get, "/api/v1/session", null, ("Authorization", "Bearer " + Sign(Header(), claims)));

        who.IsProblem(HttpStatusCode.Forbidden, "access.forbidden"); // Services have no account of their own.
    }

    [Fact]
    public async Task Every_signature_of_the_published_vectors_is_refused_and_a_token_under_the_same_key_is_taken()
    {
        using var vectors = JsonDocument.Parse(TestData.Bytes(Wycheproof));
        var (tried, taken) = (0, 0);
        foreach (var group in vectors.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var isOurs = group.TryGetProperty("private", out var key) && key.TryGetProperty("k", out _);
            var secret = isOurs ? Base64Url.DecodeFromChars(key.GetProperty("k").GetString()) : Key;
            var clock = new FakeTimeProvider(server.Clock.GetUtcNow());
            var tokens = new ServiceTokens(
                server.Services.GetRequiredService<ProbitySettings>() with { SecretKey = new KeyBytes(secret) }, clock);
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                if (test.GetProperty("jws") is not { ValueKind: JsonValueKind.String } jws)
                {
                    continue;
                }

                tried++;
                Assert.Null((await tokens.AuthenticateAsync(jws.GetString()!)).Caller);
            }

            taken += (await tokens.AuthenticateAsync(Sign(Header(), Claims(), secret))).Caller is null ? 0 : 1;
        }

        Assert.True(tried > 300, $"Only {tried} vectors were tried.");
        Assert.Equal(vectors.RootElement.GetProperty("testGroups").GetArrayLength(), taken);
    }

    private static IEnumerable<(string Name, string Token)> Forgeries(long now, byte[] key)
    {
        var good = (JsonObject Header, JsonObject Claims) () => (Header(), ClaimsAt(now));
        string With(Action<JsonObject, JsonObject> bend, byte[]? other = null)
        {
            var (header, claims) = good();
            bend(header, claims);
            return Sign(header, claims, other ?? key);
        }

        yield return ("alg none", Unsigned("none", now));
        yield return ("alg None", Unsigned("None", now));
        yield return ("alg missing", With((h, _) => h.Remove("alg")));
        yield return ("alg HS512 in the header", With((h, _) => h["alg"] = "HS512"));
        yield return ("alg RS256 with an HMAC", With((h, _) => h["alg"] = "RS256"));
        yield return ("empty signature", With((_, _) => { }).Split('.') is [var a, var b, _] ? $"{a}.{b}." : "");
        yield return ("signed with another key", With((_, _) => { }, RandomNumberGenerator.GetBytes(32)));
        yield return ("signed with an empty key", With((_, _) => { }, []));
        yield return ("payload exchanged", Exchanged(now, key));
        yield return ("wrong audience", With((_, c) => c["aud"] = "other"));
        yield return ("no audience", With((_, c) => c.Remove("aud")));
        yield return ("wrong issuer", With((_, c) => c["iss"] = "other"));
        yield return ("no issuer", With((_, c) => c.Remove("iss")));
        yield return ("an ID token", With((h, _) => h["typ"] = "JWT"));
        yield return ("no type", With((h, _) => h.Remove("typ")));
        yield return ("expired", With((_, c) => c["exp"] = now - 31));
        yield return ("no expiry", With((_, c) => c.Remove("exp")));
        yield return ("not yet", With((_, c) => c["nbf"] = now + 31));
        yield return ("too long a life", With((_, c) => c["exp"] = now + 3700));
        yield return ("no subject", With((_, c) => c.Remove("sub")));
        yield return ("subject with a line break", With((_, c) => c["sub"] = "a\nb"));
        yield return ("jku", With((h, _) => h["jku"] = "http://127.0.0.1/keys"));
        yield return ("jwk of the attacker", WithOwnKey(now));
        yield return ("kid with a path", With((h, _) => h["kid"] = "../../dev/null", []));
        yield return ("x5c", With((h, _) => h["x5c"] = new JsonArray("MII")));
        yield return ("crit", With((h, _) => h["crit"] = new JsonArray("exp")));
        yield return ("five parts", "a.b.c.d.e");
        yield return ("not base64", "!.!.!");
        yield return ("RS256 over the secret as a public key", Rsa(now));
    }

    private static string Exchanged(long now, byte[] key)
    {
        var claims = ClaimsAt(now);
        var parts = Sign(Header(), claims, key).Split('.');
        claims["scope"] = "access.user.manage";
        return $"{parts[0]}.{Part(claims)}.{parts[2]}";
    }

    private static string WithOwnKey(long now)
    {
        var own = RandomNumberGenerator.GetBytes(32);
        var header = Header();
        header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = Base64Url.EncodeToString(own) };
        return Sign(header, ClaimsAt(now), own);
    }

    private static string Rsa(long now)
    {
        using var rsa = RSA.Create(2048);
        var header = Header();
        header["alg"] = "RS256";
        var input = $"{Part(header)}.{Part(ClaimsAt(now))}";
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Unsigned(string algorithm, long now)
    {
        var header = Header();
        header["alg"] = algorithm;
        return $"{Part(header)}.{Part(ClaimsAt(now))}.";
    }

    private string Sign(JsonObject header, JsonObject claims) => Sign(header, claims, Key);

    private static string Sign(JsonObject header, JsonObject claims, byte[] key)
    {
        var input = $"{Part(header)}.{Part(claims)}";
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static JsonObject Header() => new() { ["alg"] = "HS256", ["typ"] = "at+jwt" };

    private JsonObject Claims() => ClaimsAt(Now);

    private static JsonObject ClaimsAt(long now) => new()
    {
        ["iss"] = "probity", ["aud"] = "probity", ["sub"] = "core", ["iat"] = now, ["nbf"] = now, ["exp"] = now + 600,
        ["scope"] = "ledger.event.append ledger.entry.read",
    };

    private async Task<AuditTrail.Api.Answer> SendAsync(string token, string path)
    {
        using var client = server.NewClient();
        return await AccessServer.SendAsync(client, HttpMethod.Get, path, null, ("Authorization", "Bearer " + token));
    }
}

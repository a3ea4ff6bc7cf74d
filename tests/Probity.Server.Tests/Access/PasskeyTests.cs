using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class PasskeyTests(AccessServer server) : IClassFixture<AccessServer>
{
    private static int _made;

    private Uri Public => server.Services.GetRequiredService<ProbitySettings>().PublicUrl;

    private string Origin => Public.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task A_passkey_is_registered_and_signs_in_without_a_password()
    {
        var (key, id) = await RegisterAsync();
        var from = await server.SizeAsync();

        var answer = await AssertAsync(key, Origin);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(id, answer.Json["caller_id"]!.GetValue<string>());
        Assert.Equal(["probity.access.signed_in", "probity.access.factor_used"], await server.TypesFromAsync(from));
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://localhost")]
    [InlineData("null")]
    public async Task An_assertion_made_for_another_origin_is_refused(string origin)
    {
        var (key, _) = await RegisterAsync();

        (await AssertAsync(key, origin)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
    }

    [Fact]
    public async Task A_wrong_relying_party_a_bent_signature_and_an_unverified_user_are_refused()
    {
        var (key, _) = await RegisterAsync();

        (await AssertAsync(key, Origin, rpId: "evil.example")).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        (await AssertAsync(key, Origin, bend: true)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        (await AssertAsync(key, Origin, flags: 0x01)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        Assert.Equal(HttpStatusCode.OK, (await AssertAsync(key, Origin)).Status);
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_refused()
    {
        var (key, _) = await RegisterAsync();
        key.Count = 10;
        Assert.Equal(HttpStatusCode.OK, (await AssertAsync(key, Origin)).Status);

        key.Count = 5;

        (await AssertAsync(key, Origin)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
    }

    [Fact]
    public async Task An_answer_works_once_for_its_own_challenge_and_in_time()
    {
        var (key, _) = await RegisterAsync();
        var (state, challenge) = await ChallengeAsync();
        var credential = key.Assert(challenge, Origin, Public.Host);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(state, credential)).Status);
        (await SendAsync(state, credential)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");

        var (_, own) = await ChallengeAsync();
        var (foreign, _) = await ChallengeAsync();
        key.Count = 50;
        (await SendAsync(foreign, key.Assert(own, Origin, Public.Host)))
            .IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");

        var (late, lateChallenge) = await ChallengeAsync();
        key.Count = 100;
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await SendAsync(late, key.Assert(lateChallenge, Origin, Public.Host))).IsProblem(HttpStatusCode.UnprocessableEntity, "access.passkey_refused");
    }

    private async Task<(SoftwareKey Key, string UserId)> RegisterAsync()
    {
        using var ana = await server.SignInAsync();
        var login = $"pass{Interlocked.Increment(ref _made)}";
        var id = await server.InviteAsync(ana, login);
        using var ben = await server.SignInAsync(login);
        var offer = await ben.PostAsync("/api/v1/account/passkeys:offer");
        Assert.True(offer.Status == HttpStatusCode.OK, offer.Text);
        var key = new SoftwareKey(id);
        var credential = key.Register(offer.Json["options"]!["challenge"]!.GetValue<string>(), Origin, Public.Host);
        var added = await ben.PostAsync(
            "/api/v1/account/passkeys", new { state = offer.Json["state"]!.GetValue<string>(), credential, name = "laptop" });
        Assert.True(added.Status == HttpStatusCode.OK, added.Text);
        return (key, id);
    }

    private async Task<AuditTrail.Api.Answer> AssertAsync(
        SoftwareKey key, string origin, string? rpId = null, bool bend = false, byte flags = 0x05)
    {
        var (state, challenge) = await ChallengeAsync();
        return await SendAsync(state, key.Assert(challenge, origin, rpId ?? Public.Host, bend, flags));
    }

    private async Task<(string State, string Challenge)> ChallengeAsync()
    {
        using var client = server.NewClient();
        var offer = await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/session:passkeyOffer");
        return (offer.Json["state"]!.GetValue<string>(), offer.Json["options"]!["challenge"]!.GetValue<string>());
    }

    private async Task<AuditTrail.Api.Answer> SendAsync(string state, object credential)
    {
        server.Clock.Advance(TimeSpan.FromMinutes(2)); // Past every delay of the tries before.
        using var client = server.NewClient();
        return await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/session:passkey", new { state, credential });
    }

    /// <summary>An authenticator in software: ES256, attestation "none". Source: W3C WebAuthn Level 3, sections 6.1 and 6.5.</summary>
    private sealed class SoftwareKey(string userId)
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);

        public uint Count { get; set; } = 1;

        public object Register(string challenge, string origin, string rpId)
        {
            var client = Client("webauthn.create", challenge, origin);
            byte[] data = [.. Head(rpId, 0x45), .. new byte[16], 0, (byte)_id.Length, .. _id, .. Cose()];
            byte[] attestation =
            [
                0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), 0x59, (byte)(data.Length >> 8), (byte)data.Length, .. data,
            ];
            return new
            {
                id = Base64Url.EncodeToString(_id),
                rawId = Base64Url.EncodeToString(_id),
                type = "public-key",
                clientExtensionResults = new { },
                response = new
                {
                    clientDataJSON = Base64Url.EncodeToString(client),
                    attestationObject = Base64Url.EncodeToString(attestation),
                    transports = (string[])["internal"],
                },
            };
        }

        public object Assert(string challenge, string origin, string rpId, bool bend = false, byte flags = 0x05)
        {
            Count++;
            var client = Client("webauthn.get", challenge, origin);
            var data = Head(rpId, flags);
            var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            if (bend)
            {
                signature[^1] ^= 1;
            }

            return new
            {
                id = Base64Url.EncodeToString(_id),
                rawId = Base64Url.EncodeToString(_id),
                type = "public-key",
                clientExtensionResults = new { },
                response = new
                {
                    clientDataJSON = Base64Url.EncodeToString(client),
                    authenticatorData = Base64Url.EncodeToString(data),
                    signature = Base64Url.EncodeToString(signature),
                    userHandle = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(userId)),
                },
            };
        }

        private byte[] Head(string rpId, byte flags)
        {
            var count = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(count, Count);
            return [.. SHA256.HashData(Encoding.UTF8.GetBytes(rpId)), flags, .. count];
        }

        private byte[] Cose()
        {
            var point = _key.ExportParameters(false).Q;
            return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        }

        private static byte[] Client(string type, string challenge, string origin) =>
            JsonSerializer.SerializeToUtf8Bytes(new { type, challenge, origin, crossOrigin = false });

        private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];
    }
}

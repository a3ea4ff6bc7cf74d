using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>
/// The bytes of <c>enc</c>, frozen: the present form, and the one written before, which stores still hold. All were
/// computed once with Python's cryptography (AESGCM), an independent implementation, under the key 00 to 1f and the
/// nonce 64 to 6f.
/// </summary>
public sealed class SealedFormTests
{
    private const string EntryId = "evt_01938a5c-7d00-7000-8000-000000000001";
    private const string PresentText =
        "\"ZGVmZ2hpamtsbW5vanqwBzmMLv9TEjON9AoYmmDuJEvlDdM2ZHzNMtlDTbQScixm5_MKlP2sR-YW\"]";
    private const string Present = """
        ["sub_AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcY.AQIDBAUG","/actor/email","/actor/name",
        """ + PresentText;
    private const string PresentSegment =
        """["seg_AZOKXH0AcACAAAAAAAAAAw","/data","ZGVmZ2hpamtsbW5vMzmwCQ2MdKQcDDCf-Bitv9bQW0okzrqO39DjLFzm"]""";
    private const string FirstText =
        "MznxBxqdOewRBzKJswlIx2CjaGvLCYsTyqHALdXM1y+2xWLvLXHva4/cFl6QJ+j1ORr2hgAOgoWbi46r1SU9z6LJh3fwf0KbRdH28Q==";
    private const string First =
        "{\"ciphertext\":\"" + FirstText + "\",\"fields\":[\"/actor/email\",\"/actor/name\"],"
        + "\"key\":\"sub_01938a5c-7d00-7000-8000-000000000002.AQIDBAUGBwg\",\"nonce\":\"ZGVmZ2hpamtsbW5v\","
        + "\"subject\":\"sbj_AAECAwQFBgcICQoLDA0ODw\",\"suite\":\"A256GCM\"}";
    private const string FirstSegment =
        "{\"ciphertext\":\"MznxAhidN7wEGX2GtREP33jgYGP5H4dQ2qw4qNA3rUE46vuamIMJPR2m\",\"fields\":[\"/data\"],"
        + "\"key\":\"seg_01938a5c-7d00-7000-8000-000000000003\",\"nonce\":\"ZGVmZ2hpamtsbW5v\",\"suite\":\"A256GCM\"}";

    public static TheoryData<string, string> Bent { get; } = new()
    {
        { Present, Present.Replace("/actor/email", "/actor/phone", StringComparison.Ordinal) },
        { Present, Present.Replace("\"/actor/email\",\"/actor/name\"", "\"/actor/name\",\"/actor/email\"",
            StringComparison.Ordinal) },
        { Present, Present.Replace(".AQIDBAUG", ".AQIDBAUH", StringComparison.Ordinal) },
        { Present, Present.Replace("sub_AAEC", "sub_BAEC", StringComparison.Ordinal) },
        { Present, Present.Replace("\"ZGVm", "\"ZGVn", StringComparison.Ordinal) },
        { Present, Present.Replace("R-YW", "R-YX", StringComparison.Ordinal) },
        { First, First.Replace("/actor/email", "/actor/phone", StringComparison.Ordinal) },
        { First, First.Replace("sbj_AAEC", "sbj_BAEC", StringComparison.Ordinal) },
        { First, First.Replace("AQIDBAUGBwg", "AQIDBAUGBwk", StringComparison.Ordinal) },
    };

    [Theory]
    [InlineData(Present, """{"email":"ana@example.org","name":"Ana Díaz"}""")]
    [InlineData(First, """{"email":"ana@example.org","name":"Ana Díaz"}""")]
    public async Task Frozen_bytes_of_a_person_open(string element, string actor)
    {
        var opened = await OpenAsync(element);

        Assert.Empty(opened.Unreadable);
        Assert.Equal("[\"/actor/email\",\"/actor/name\"]", opened.Encrypted.ToJsonString());
        using var expected = JsonDocument.Parse(actor);
        using var found = JsonDocument.Parse(opened.Json["actor"]!.ToJsonString());
        Assert.True(JsonElement.DeepEquals(expected.RootElement, found.RootElement), found.RootElement.GetRawText());
    }

    [Theory]
    [InlineData(PresentSegment, "now")]
    [InlineData(FirstSegment, "first")]
    public async Task Frozen_bytes_of_content_open(string element, string note)
    {
        var opened = await OpenAsync(element);

        Assert.Equal(note, opened.Json["data"]!["note"]!.GetValue<string>());
    }

    [Fact]
    public async Task Both_forms_open_in_one_entry()
    {
        var opened = await OpenAsync(Present + "," + FirstSegment);

        Assert.Empty(opened.Unreadable);
        Assert.Equal("first", opened.Json["data"]!["note"]!.GetValue<string>());
        Assert.Equal("Ana Díaz", opened.Json["actor"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Bent))]
    public async Task Neither_form_opens_when_anything_it_is_bound_to_differs(string element, string bent)
    {
        Assert.NotEqual(element, bent);

        Assert.Equal(2, (await OpenAsync(bent)).Unreadable.Count);
    }

    [Theory]
    [InlineData(Present)]
    [InlineData(First)]
    public async Task Neither_form_opens_in_another_entry_or_log(string element)
    {
        Assert.Equal(2, (await OpenAsync(element, log: "probity-0124")).Unreadable.Count);
        Assert.Equal(2, (await OpenAsync(element, id: EntryId[..^1] + "2")).Unreadable.Count);
    }

    /// <summary>One form rewritten as the other must not open: what they are bound to differs.</summary>
    [Fact]
    public async Task A_ciphertext_does_not_open_in_the_other_form()
    {
        using var first = JsonDocument.Parse(First);
        byte[] text = [
            .. first.RootElement.GetProperty("nonce").GetBytesFromBase64(),
            .. first.RootElement.GetProperty("ciphertext").GetBytesFromBase64()];
        var key = first.RootElement.GetProperty("key").GetString();
        var rewritten = $"""
            ["{key}","/actor/email","/actor/name","{System.Buffers.Text.Base64Url.EncodeToString(text)}"]
            """;

        Assert.Equal(2, (await OpenAsync(rewritten)).Unreadable.Count);
    }

    [Fact]
    public void What_is_written_is_frozen()
    {
        using var cipher = new FixedCipher();
        var preparer = new EventPreparer("probity-0123", cipher, TimeProvider.System);
        using var tape = JsonTape.Parse(
            """{"action":"a","actor":"svc","data":{"note":"now"}}"""u8.ToArray(), JsonLimits.Default);

        var template = preparer.Prepare(tape.Root, id: EntryId).Template;

        var entry = new byte[template.MaxLength];
        entry = entry[..template.Splice(entry, 0, default, 0)];
        Assert.Contains($"\"enc\":[{PresentSegment}],", Encoding.UTF8.GetString(entry), StringComparison.Ordinal);
    }

    private static async Task<OpenedEntry> OpenAsync(
        string elements, string log = "probity-0123", string id = EntryId)
    {
        using var cipher = new FixedCipher();
        var body = Encoding.UTF8.GetBytes($$"""{"enc":[{{elements}}],"id":"{{id}}","log":"{{log}}"}""");
        // Nothing of it lies in blobs, so no store is asked.
        return await new EntryOpener(null!, cipher).OpenAsync(body, withBlobs: false, CancellationToken.None);
    }

    /// <summary>One key for everything, and one nonce.</summary>
    private sealed class FixedCipher : IFieldCipher, IDisposable
    {
        private readonly GcmCipher _cipher = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

        public ISealingKey Rent() => new FixedKey(_cipher);

        public SubjectKey FindSubject(ReadOnlySpan<byte> name) => throw new NotSupportedException();

        public ISealingKey Rent(SubjectKey subject) => throw new NotSupportedException();

        public void Open(
            string keyId, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertextAndTag,
            Span<byte> plain) => _cipher.Decrypt(nonce, aad, ciphertextAndTag, plain);

        public void Dispose() => _cipher.Dispose();
    }

    private sealed class FixedKey(GcmCipher cipher) : ISealingKey
    {
        public string Id => "seg_AZOKXH0AcACAAAAAAAAAAw";

        public ReadOnlySpan<byte> IdJson => "\"seg_AZOKXH0AcACAAAAAAAAAAw\""u8;

        public void Seal(
            ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> ciphertextAndTag)
        {
            for (var i = 0; i < nonce.Length; i++)
            {
                nonce[i] = (byte)(100 + i);
            }

            cipher.Encrypt(nonce, aad, plain, ciphertextAndTag);
        }
    }
}

using System.Text.Json;
using Probity.Server.Keys;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class FieldCipherTests
{
    [Fact]
    public void What_is_encrypted_decrypts_to_the_same_bytes()
    {
        using var key = new DataKey("seg_1", SecretBytes.Random(32), long.MaxValue);
        for (var length = 0; length < 100; length++)
        {
            var plaintext = new byte[length];
            plaintext.AsSpan().Fill((byte)length);
            var nonce = new byte[12];
            var sealedBytes = new byte[length + 16];
            var opened = new byte[length];

            FieldCipher.Encrypt(key, "aad"u8, plaintext, nonce, sealedBytes);
            FieldCipher.Decrypt(key, "aad"u8, nonce, sealedBytes, opened);

            Assert.Equal(plaintext, opened);
        }
    }

    [Fact]
    public void A_changed_ciphertext_nonce_or_associated_data_is_refused()
    {
        using var key = new DataKey("seg_1", SecretBytes.Random(32), long.MaxValue);
        var nonce = new byte[12];
        var sealedBytes = new byte[5 + 16];
        FieldCipher.Encrypt(key, "aad"u8, "hello"u8, nonce, sealedBytes);

        AssertRefused(() => FieldCipher.Decrypt(key, "aae"u8, nonce, sealedBytes, new byte[5]));
        sealedBytes[0] ^= 1;
        AssertRefused(() => FieldCipher.Decrypt(key, "aad"u8, nonce, sealedBytes, new byte[5]));
        sealedBytes[0] ^= 1;
        nonce[0] ^= 1;
        AssertRefused(() => FieldCipher.Decrypt(key, "aad"u8, nonce, sealedBytes, new byte[5]));
        AssertRefused(() => FieldCipher.Decrypt(key, "aad"u8, nonce, sealedBytes.AsSpan(..8).ToArray(), []));
    }

    [Fact]
    public async Task Nonces_do_not_repeat_across_threads()
    {
        using var key = new DataKey("seg_1", SecretBytes.Random(32), long.MaxValue);

        var nonces = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Nonces(key, 20_000))));

        Assert.Equal(80_000, nonces.SelectMany(n => n).Distinct().Count());
        Assert.Equal(80_000, key.Uses);
    }

    [Fact]
    public async Task The_bound_is_exact_when_threads_race()
    {
        using var key = new DataKey("seg_1", SecretBytes.Random(32), 1000);

        var served = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CountServed(key, 500))));

        Assert.Equal(1000, served.Sum());
    }

    [Fact]
    public void A_disposed_key_serves_no_more()
    {
        var key = new DataKey("seg_1", SecretBytes.Random(32), long.MaxValue);
        _ = Nonces(key, 1);

        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Nonces(key, 1));
    }

    [Fact]
    public void Wycheproof_vectors_with_our_nonce_and_tag_lengths_pass()
    {
        const string File = "vectors/wycheproof/aes_gcm_test.json";
        using var document = JsonDocument.Parse(TestData.Bytes(File));
        var run = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray()
            .Where(g => g.GetProperty("ivSize").GetInt32() == 96 && g.GetProperty("tagSize").GetInt32() == 128))
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                CheckVector(test);
                run++;
            }
        }

        Assert.Equal(197, run);
    }

    private static void CheckVector(JsonElement test)
    {
        using var key = new DataKey("seg_1", SecretBytes.CopyOf(Hex(test, "key")), long.MaxValue);
        byte[] sealedBytes = [.. Hex(test, "ct"), .. Hex(test, "tag")];
        var opened = new byte[sealedBytes.Length - 16];
        if (test.GetProperty("result").GetString() == "valid")
        {
            FieldCipher.Decrypt(key, Hex(test, "aad"), Hex(test, "iv"), sealedBytes, opened);
            Assert.Equal(Hex(test, "msg"), opened);
        }
        else
        {
            AssertRefused(() => FieldCipher.Decrypt(key, Hex(test, "aad"), Hex(test, "iv"), sealedBytes, opened));
        }
    }

    private static byte[] Hex(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString() ?? string.Empty);

    private static void AssertRefused(Action decrypt) =>
        Assert.Equal(KeysException.DecryptFailed, Assert.Throws<KeysException>(decrypt).Code);

    private static List<string> Nonces(DataKey key, int count)
    {
        var nonces = new List<string>(count);
        var nonce = new byte[12];
        for (var i = 0; i < count; i++)
        {
            FieldCipher.Encrypt(key, [], [], nonce, new byte[16]);
            nonces.Add(Convert.ToHexString(nonce));
        }

        return nonces;
    }

    private static int CountServed(DataKey key, int tries)
    {
        var served = 0;
        for (var i = 0; i < tries; i++)
        {
            try
            {
                FieldCipher.Encrypt(key, [], [], new byte[12], new byte[16]);
                served++;
            }
            catch (KeysException refusal) when (refusal.Code == KeysException.Exhausted)
            {
            }
        }

        return served;
    }
}

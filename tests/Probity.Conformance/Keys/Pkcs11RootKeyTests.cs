using System.Security.Cryptography;
using Probity.Conformance.Storage;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;
using Probity.Server.Keys.Pkcs11;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Keys;

/// <summary>The root key in a PKCS#11 device: SoftHSM, where it is installed.</summary>
public sealed class Pkcs11RootKeyTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    [Fact]
    public async Task A_store_made_with_a_device_opens_with_it_again_and_with_nothing_else()
    {
        using var token = SoftHsmToken.Make();
        await using var store = await TestStore.MigratedAsync(Storage.StoreKind.Sqlite, cluster);
        SealedText text;
        using (var ring = await KeyRing.OpenAsync(store.Database, Pkcs11RootKey.Open(token.Uri), TimeProvider.System,
            CancellationToken.None))
        {
            Assert.Equal("pkcs11", ring.Root.Provider);
            var key = ring.Rent();
            text = new SealedText(key.Id, new byte[12], new byte[21]);
            key.Seal("aad"u8, "hello"u8, text.Nonce, text.Bytes);
        }

        using var later = await KeyRing.OpenAsync(store.Database, Pkcs11RootKey.Open(token.Uri), TimeProvider.System,
            CancellationToken.None);
        var plain = new byte[5];
        later.Open(text.Key, "aad"u8, text.Nonce, text.Bytes, plain);
        Assert.Equal("hello"u8, plain);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => KeyRing.OpenAsync(
            store.Database, RandomNumberGenerator.GetBytes(32), TimeProvider.System, CancellationToken.None));
        Assert.Equal("keys.root_mismatch", refusal.Code);
    }

    [Fact]
    public void A_wrapped_key_opens_only_as_what_it_was_wrapped_as()
    {
        using var token = SoftHsmToken.Make();
        using var root = Pkcs11RootKey.Open(token.Uri);
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapped = root.Wrap(key, "key_1", "kek");

        Assert.Equal(key, root.Unwrap(wrapped, "key_1", "kek"));
        Assert.ThrowsAny<CryptographicException>(() => root.Unwrap(wrapped, "key_2", "kek"));
        wrapped[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => root.Unwrap(wrapped, "key_1", "kek"));
    }

    [Fact]
    public void What_is_wrong_with_the_device_is_said()
    {
        using var token = SoftHsmToken.Make();

        foreach (var wrong in (TokenUri[])
            [token.Uri with { Token = "other" }, token.Uri with { Object = "other" },
                token.Uri with { PinFile = "/nowhere" },
                token.Uri with { ModulePath = "/nowhere.so" }])
        {
            var refusal = Assert.Throws<StorageException>(() => Pkcs11RootKey.Open(wrong));
            Assert.Equal("keys.provider_unavailable", refusal.Code);
        }
    }

    private sealed record SealedText(string Key, byte[] Nonce, byte[] Bytes);
}

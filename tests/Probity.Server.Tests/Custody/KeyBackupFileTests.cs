using Probity.Server.Custody.KeyCare;
using Xunit;

namespace Probity.Server.Tests.Custody;

public sealed class KeyBackupFileTests
{
    private const string Passphrase = "six random words are enough";
    private static readonly BackedUpKeys s_keys = new(new string('a', 64), new string('b', 64),
        DateTimeOffset.UnixEpoch);

    [Fact]
    public void What_was_sealed_opens_with_the_passphrase_alone()
    {
        var text = KeyBackupFile.Seal(s_keys, Passphrase, 1_024, 1);

        Assert.Equal(s_keys, KeyBackupFile.Open(text, Passphrase));
        Assert.DoesNotContain(s_keys.EncryptionKey, text, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => KeyBackupFile.Open(text, Passphrase + "!"));
    }

    [Theory]
    [InlineData("1024", "2048")]
    [InlineData("\"passes\": 1", "\"passes\": 2")]
    [InlineData("probity-keys-v1", "probity-keys-v2")]
    public void What_was_altered_does_not_open(string from, string to)
    {
        var text = KeyBackupFile.Seal(s_keys, Passphrase, 1_024, 1);
        Assert.Contains(from, text, StringComparison.Ordinal);

        Assert.Throws<InvalidDataException>(() =>
            KeyBackupFile.Open(text.Replace(from, to, StringComparison.Ordinal), Passphrase));
        Assert.Throws<InvalidDataException>(() => KeyBackupFile.Open("{}", Passphrase));
        Assert.Throws<InvalidDataException>(() => KeyBackupFile.Open("no json", Passphrase));
    }
}

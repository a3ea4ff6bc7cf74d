using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// Decrypts what is sealed in entries, one entry after the other, into memory it uses again. Not thread safe.
/// </summary>
/// <param name="cipher">Opens the ciphertexts; null when encryption is off: then nothing can be opened.</param>
internal sealed class SealedMembers(IFieldCipher? cipher)
{
    private readonly ArrayBufferWriter<byte> _aad = new();
    private byte[] _ciphertext = [];
    private byte[] _plain = [];
    private string _key = "";

    /// <summary>
    /// Hands over each element of <c>enc</c> that can be opened: an object of JSON pointers and the values that belong
    /// there, valid only during the call.
    /// </summary>
    public void Open(JsonElement entry, Action<JsonElement> opened)
    {
        if (cipher is null || !entry.TryGetProperty("enc"u8, out var elements))
        {
            return;
        }

        foreach (var element in elements.EnumerateArray())
        {
            if (TryDecrypt(entry, element, out var plain))
            {
                using var members = JsonDocument.Parse(plain);
                opened(members.RootElement);
            }
        }
    }

    private bool TryDecrypt(JsonElement entry, JsonElement element, out ReadOnlyMemory<byte> plain)
    {
        var ciphertext = element.GetProperty("ciphertext"u8);
        var length = Base64.GetMaxDecodedFromUtf8Length(JsonMarshal.GetRawUtf8Value(ciphertext).Length);
        if (_ciphertext.Length < length)
        {
            (_ciphertext, _plain) = (new byte[length * 2], new byte[length * 2]);
        }

        Span<byte> nonce = stackalloc byte[IFieldCipher.NonceBytes];
        Decode(element.GetProperty("nonce"u8), nonce);
        length = Decode(ciphertext, _ciphertext);
        BindTo(entry, element);
        plain = _plain.AsMemory(0, length - IFieldCipher.TagBytes);
        try
        {
            cipher!.Open(_key, _aad.WrittenSpan, nonce, _ciphertext.AsSpan(0, length), _plain.AsSpan(0, plain.Length));
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static int Decode(JsonElement base64, Span<byte> to)
    {
        var text = JsonMarshal.GetRawUtf8Value(base64)[1..^1];
        return Base64.DecodeFromUtf8(text, to, out _, out var written) == OperationStatus.Done
            ? written
            : throw new FormatException("A sealed member of a committed entry is no base64.");
    }

    // The entry is canonical JSON, so its parts are what FieldAad writes: they are taken as they stand.
    private void BindTo(JsonElement entry, JsonElement element)
    {
        var key = element.GetProperty("key"u8);
        if (!key.ValueEquals(_key))
        {
            _key = key.GetString() ?? "";
        }

        _aad.ResetWrittenCount();
        _aad.Write("["u8);
        _aad.Write(JsonMarshal.GetRawUtf8Value(entry.GetProperty("log"u8)));
        _aad.Write(","u8);
        _aad.Write(JsonMarshal.GetRawUtf8Value(entry.GetProperty("id"u8)));
        _aad.Write(","u8);
        _aad.Write(JsonMarshal.GetRawUtf8Value(element.GetProperty("fields"u8)));
        _aad.Write(","u8);
        _aad.Write(JsonMarshal.GetRawUtf8Value(key));
        _aad.Write(","u8);
        _aad.Write(element.TryGetProperty("subject"u8, out var subject) ? JsonMarshal.GetRawUtf8Value(subject)
            : "null"u8);
        _aad.Write("]"u8);
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// One element of <c>enc</c> as it stands in an entry: a list of key, pointers and text (decision record 0066), or the
/// object that was written before. Valid as long as its document.
/// </summary>
internal readonly struct SealedElement(JsonElement element)
{
    /// <summary>Whether it is in the form written first: an object, with the values sealed under their
    /// pointers.</summary>
    public bool IsFirstForm => element.ValueKind == JsonValueKind.Object;

    /// <summary>The id of the data key.</summary>
    public JsonElement Key => IsFirstForm ? element.GetProperty("key"u8) : element[0];

    /// <summary>How many members are sealed in it.</summary>
    public int Count => IsFirstForm ? element.GetProperty("fields"u8).GetArrayLength() : element.GetArrayLength() - 2;

    /// <summary>The ciphertext with its tag, as base64; in a list, base64url with the nonce before them.</summary>
    public JsonElement Text => IsFirstForm
        ? element.GetProperty("ciphertext"u8)
        : element[element.GetArrayLength() - 1];

    /// <summary>The nonce of the first form, as base64.</summary>
    public JsonElement Nonce => element.GetProperty("nonce"u8);

    /// <summary>The pointer of a member, in the order of the values.</summary>
    public JsonElement Field(int index) => IsFirstForm ? element.GetProperty("fields"u8)[index] : element[index + 1];

    /// <summary>Whether the member of a pointer is sealed in it.</summary>
    public bool Holds(ReadOnlySpan<byte> pointer)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Field(i).ValueEquals(pointer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes what it is bound to: [log, id, key, pointer, …], in the first form [log, id, [pointer, …], key, subject].
    /// The entry is canonical JSON, so the parts are taken as they stand.
    /// </summary>
    /// <param name="to">Written from its start.</param>
    /// <param name="entry">The entry it stands in.</param>
    public void WriteBinding(ByteBuffer to, JsonElement entry)
    {
        to.ResetWrittenCount();
        to.Write((byte)'[');
        to.Write(JsonMarshal.GetRawUtf8Value(entry.GetProperty("log"u8)));
        to.Write((byte)',');
        to.Write(JsonMarshal.GetRawUtf8Value(entry.GetProperty("id"u8)));
        to.Write((byte)',');
        if (IsFirstForm)
        {
            WriteFirstForm(to);
        }
        else
        {
            var raw = JsonMarshal.GetRawUtf8Value(element);
            to.Write(raw[1..^(JsonMarshal.GetRawUtf8Value(Text).Length + 2)]); // Without ",text]".
        }

        to.Write((byte)']');
    }

    private void WriteFirstForm(ByteBuffer to)
    {
        to.Write(JsonMarshal.GetRawUtf8Value(element.GetProperty("fields"u8)));
        to.Write((byte)',');
        to.Write(JsonMarshal.GetRawUtf8Value(Key));
        to.Write((byte)',');
        to.Write(element.TryGetProperty("subject"u8, out var subject)
            ? JsonMarshal.GetRawUtf8Value(subject)
            : "null"u8);
    }
}

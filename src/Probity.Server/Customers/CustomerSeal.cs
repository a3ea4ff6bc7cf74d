using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Probity.Server.AuditTrail;
using Probity.Server.Keys;

namespace Probity.Server.Customers;

/// <summary>
/// Seals what is personal of a customer under the customer's own key (decision 0016): nonce, ciphertext, tag of
/// AES-256-GCM, bound to the row's id and version, so that neither another row nor an older state of the same opens in
/// its place. Where encryption is off it is plain JSON without a key id. Thread safe.
/// </summary>
internal sealed class CustomerSeal(LedgerRuntime runtime)
{
    /// <summary>How a customer is written, here and on the wire.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Fills in key and ciphertext of a row whose id, number and version are set. The commit must hold an
    /// entry about the same person: it writes the key of one that is new.</summary>
    public void Seal(CustomerRow row, CustomerDocument document)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(document, Json);
        if (runtime.SealingCipher is not { } cipher)
        {
            (row.KeyId, row.Sealed) = (null, plain);
            return;
        }

        var subject = cipher.FindSubject(SubjectNames.Of(CustomerRow.SubjectType, row.ExternalId));
        var key = cipher.Rent(subject);
        var text = new byte[IFieldCipher.NonceBytes + plain.Length + IFieldCipher.TagBytes];
        key.Seal(
            Aad(row), plain, text.AsSpan(0, IFieldCipher.NonceBytes), text.AsSpan(IFieldCipher.NonceBytes));
        CryptographicOperations.ZeroMemory(plain);
        (row.KeyId, row.Sealed) = (key.Id, text);
    }

    /// <summary>Opens a row; null when it was erased, here or by the destruction of its key.</summary>
    /// <exception cref="CryptographicException">The row was altered past the server.</exception>
    public CustomerDocument? Open(CustomerRow row)
    {
        if (row.State == CustomerRow.Erased)
        {
            return null;
        }

        if (row.KeyId is null)
        {
            return Read(row.Sealed);
        }

        var plain = new byte[Math.Max(0, row.Sealed.Length - IFieldCipher.NonceBytes - IFieldCipher.TagBytes)];
        try
        {
            if (row.Sealed.Length < IFieldCipher.NonceBytes + IFieldCipher.TagBytes)
            {
                throw new CryptographicException("The row of a customer is shorter than what was sealed.");
            }

            runtime.Keys.Open(
                row.KeyId, Aad(row), row.Sealed.AsSpan(0, IFieldCipher.NonceBytes),
                row.Sealed.AsSpan(IFieldCipher.NonceBytes), plain);
            return Read(plain);
        }
        catch (CryptographicException) when (IsDestroyed(row))
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    // A restored store may hold rows whose keys the erasure register has destroyed again.
    private bool IsDestroyed(CustomerRow row) => runtime.Keys.IsDestroyed(row.KeyId!); // Only sealed rows come here.

    private static CustomerDocument Read(ReadOnlySpan<byte> plain)
    {
        try
        {
            return JsonSerializer.Deserialize<CustomerDocument>(plain, Json)
                ?? throw new CryptographicException("The row of a customer is no object.");
        }
        catch (JsonException broken)
        {
            throw new CryptographicException("The row of a customer is no JSON.", broken); // Nothing was sealed.
        }
    }

    private static byte[] Aad(CustomerRow row) =>
        Encoding.UTF8.GetBytes(FormattableString.Invariant($"probity-customer-v1|{row.Id}|{row.Version}"));
}

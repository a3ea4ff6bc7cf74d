using System.Buffers.Text;

namespace Probity.Server.AuditTrail.Events;

/// <summary>Writes one piece after another into memory that was made large enough for all of them.</summary>
internal ref struct SpanWriter(Span<byte> to)
{
    private readonly Span<byte> _to = to;

    /// <summary>Bytes written.</summary>
    public int Written { get; private set; }

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_to[Written..]);
        Written += bytes.Length;
    }

    public void WriteBase64(scoped ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, _to[Written..], out _, out var written);
        Written += written;
    }
}

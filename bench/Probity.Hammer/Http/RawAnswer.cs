using System.Text;

namespace Probity.Hammer.Http;

/// <summary>A status and a body. The body lies in the connection's buffer and is gone with its next request.</summary>
internal readonly record struct RawAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public string Text => Encoding.UTF8.GetString(Body.Span);
}

using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>What one connection sends, one request after the other; the memory of a request lasts until the
/// next.</summary>
internal interface IRequests
{
    /// <summary>The status of an answer that is none of an error.</summary>
    int Status { get; }

    /// <summary>Whether answers are receipts of events.</summary>
    bool HasReceipts { get; }

    /// <summary>Makes the next request.</summary>
    ReadOnlyMemory<byte> Next();
}

/// <summary>One event a request.</summary>
internal sealed class EventRequests : IRequests
{
    private readonly EventTemplate _template;
    private readonly byte[] _request;
    private readonly int _bodyAt;
    private long _number;

    public EventRequests(LoadContext context, int connection)
    {
        _template = new EventTemplate(context.Run, connection, context.Options.Flag("external-id"));
        var body = new byte[EventTemplate.EventBytes];
        _template.Write(0, body);
        _request = RequestBytes.Post(context.Target, "/api/v1/events", context.Key, body);
        _bodyAt = _request.Length - body.Length;
    }

    public int Status => 201;

    public bool HasReceipts => true;

    public ReadOnlyMemory<byte> Next()
    {
        _template.WriteNumber(_number++, _request.AsSpan(_bodyAt));
        return _request;
    }
}

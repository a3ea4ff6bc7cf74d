using System.Text.Json;

namespace Probity.Server.AuditTrail.Import;

/// <summary>A foreign log format that maps to our event on the wire.</summary>
internal interface IEventFormat
{
    /// <summary>Gets the name used by <c>--format</c> and in <c>original.format</c>.</summary>
    string Name { get; }

    /// <summary>Gets the members of a wrapping object whose array holds the events, e.g. <c>Records</c>.</summary>
    IReadOnlyList<string> WrapperMembers { get; }

    /// <summary>Says whether an event looks like one of this format; cheap, and exclusive between formats.</summary>
    bool Recognises(JsonElement sourceEvent);

    /// <summary>
    /// Reads events in file order. An event that cannot be read or mapped comes as a refusal and the next ones follow.
    /// Memory is bounded by the largest event, not by the file.
    /// </summary>
    IAsyncEnumerable<SourceEvent> ReadAsync(Stream source, CancellationToken cancellationToken);
}

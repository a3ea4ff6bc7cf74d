using System.Buffers;
using Probity.Ledger.Entries;

namespace Probity.Server.AuditTrail.Events;

/// <summary>Buffers for composing one entry, kept per thread. Cleared on return: they have held plain values.</summary>
internal sealed class EntryScratch : IDisposable
{
    [ThreadStatic]
    private static EntryScratch? t_spare;

    public EntryTemplateWriter Template { get; } = new();

    public ArrayBufferWriter<byte> Buffer { get; } = new(2_048);

    public ArrayBufferWriter<byte> Aad { get; } = new(512);

    public ParsedObject Event { get; } = new(EventShape.Event);

    public List<SecretMember> Secrets { get; } = new(8);

    public DraftSubjects Subjects { get; } = new();

    public static EntryScratch Rent()
    {
        var spare = t_spare ?? new EntryScratch();
        t_spare = null;
        return spare;
    }

    public void Dispose()
    {
        Template.Reset();
        Buffer.Clear();
        Aad.ResetWrittenCount();
        Event.Reset();
        Secrets.Clear();
        Subjects.Clear();
        if (Buffer.Capacity <= 1 << 20)
        {
            t_spare = this;
        }
    }
}

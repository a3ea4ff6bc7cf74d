using Probity.Ledger.Entries;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>Buffers for composing one entry, kept per thread. Cleared on return: they have held plain values.</summary>
internal sealed class EntryScratch : IDisposable
{
    [ThreadStatic]
    private static EntryScratch? t_spare;

    public EntryTemplateWriter Template { get; } = new();

    public ByteBuffer Buffer { get; } = new(2_048);

    public ByteBuffer Aad { get; } = new(512);

    /// <summary>The entry's id as quoted JSON.</summary>
    public ByteBuffer IdJson { get; } = new(64);

    /// <summary>Nonce, ciphertext and tag before they become text.</summary>
    public ByteBuffer Sealed { get; } = new(2_048);

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
        IdJson.ResetWrittenCount();
        Sealed.ResetWrittenCount();
        Event.Reset();
        Secrets.Clear();
        Subjects.Clear();
        if (Buffer.Capacity <= 1 << 20)
        {
            t_spare = this;
        }
    }
}

namespace Probity.Ledger.Notes;

/// <summary>
/// A signed note, a checkpoint, a verifier key or a proof is not written exactly as its standard says. Nothing that
/// was read before the fault may be used.
/// </summary>
public sealed class NoteFormatException : FormatException
{
    /// <summary>Names the fault by its stable code and says it in a sentence.</summary>
    public NoteFormatException(string code, string message) : base(message) => Code = code;

    /// <summary>The stable code of the fault, for example <c>note.utf8</c> or <c>checkpoint.size</c>.</summary>
    public string Code { get; }
}

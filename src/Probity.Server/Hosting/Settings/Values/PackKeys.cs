using Probity.Ledger.Notes;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Whose update packs are believed.</summary>
internal static class PackKeys
{
    private const int Most = 20;

    /// <summary>Reads verifier keys of C2SP signed notes, several separated by a semicolon.</summary>
    public static Reading<IReadOnlyList<VerifierKey>> Read(string text)
    {
        var keys = new List<VerifierKey>();
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                keys.Add(VerifierKey.Parse(part));
            }
            catch (NoteFormatException fault)
            {
                return Reading.Refuse<IReadOnlyList<VerifierKey>>(fault.Message);
            }
        }

        return keys.Count is 0 or > Most
            ? Reading.Refuse<IReadOnlyList<VerifierKey>>($"it names no key, or more than {Most}")
            : Reading.Of<IReadOnlyList<VerifierKey>>(keys);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Probity.Hammer.Load;

/// <summary>
/// One event of exactly 500 bytes with a number in fixed places, so that the next event is made by writing digits.
/// </summary>
/// <remarks>
/// Events with the same run, writer and number have the same bytes, so that one can be sent again. With an external id
/// the number stands there too; without one the server has no uniqueness to look up.
/// </remarks>
internal sealed class EventTemplate
{
    public const int EventBytes = 500;

    /// <summary>The source of every event that carries an external id.</summary>
    public const string Source = "hammer";

    private const int Digits = 12;
    private const string Slot = "############";
    private readonly byte[] _template;
    private readonly int[] _slots;

    /// <param name="run">What makes this run's events differ from another's, 8 characters.</param>
    /// <param name="writer">Which connection or writer sends the events, 0 to 9999.</param>
    /// <param name="withExternalId">Whether events carry source and external id <c>WRITER-NUMBER</c>.</param>
    public EventTemplate(string run, int writer, bool withExternalId)
    {
        var external = withExternalId ? $"\"source\":\"{Source}\",\"external_id\":\"{writer}-{Slot}\"," : "";
        var start = "{\"action\":\"payment.approve\",\"actor\":{\"id\":\"user-4711\",\"type\":\"user\","
            + "\"name\":\"Jordan Example\",\"email\":\"jordan@example.org\",\"role\":\"approver\"},"
            + $"\"targets\":[{{\"id\":\"pay-{run}-{writer:0000}-{Slot}\",\"type\":\"payment\"}}],"
            + external + "\"outcome\":\"success\",\"context\":{\"address\":\"192.0.2.17\",\"service\":\"payments\"},"
            + "\"data\":{\"amount\":\"1250.00\",\"currency\":\"EUR\",\"note\":\"";
        const string End = "\"}}";
        var padding = EventBytes - start.Length - End.Length;
        _template = Encoding.ASCII.GetBytes(start + new string('n', padding) + End);
        _slots = SlotsOf(_template);
    }

    /// <summary>Eight random hexadecimal digits.</summary>
    public static string NewRun() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    /// <summary>The external id that an event of this writer and number has.</summary>
    public static string ExternalId(int writer, long number) => $"{writer}-{number:000000000000}";

    /// <summary>Writes the event with this number: exactly <see cref="EventBytes"/> bytes.</summary>
    public void Write(long number, Span<byte> to)
    {
        _template.CopyTo(to);
        WriteNumber(number, to);
    }

    /// <summary>Writes the number into an event of this template that is already there.</summary>
    public void WriteNumber(long number, Span<byte> existing)
    {
        foreach (var slot in _slots)
        {
            var rest = number;
            for (var at = slot + Digits - 1; at >= slot; at--)
            {
                (rest, var digit) = Math.DivRem(rest, 10);
                existing[at] = (byte)('0' + digit);
            }
        }
    }

    private static int[] SlotsOf(ReadOnlySpan<byte> template)
    {
        var slots = new List<int>();
        var from = 0;
        for (int at; (at = template[from..].IndexOf(Encoding.ASCII.GetBytes(Slot))) >= 0; from += at + Digits)
        {
            slots.Add(from + at);
        }

        return [.. slots];
    }
}

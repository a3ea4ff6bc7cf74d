using System.Globalization;
using System.Text;

namespace Probity.Benchmarks;

/// <summary>Events of exactly 500 bytes, as a payment system would send them: half of the bytes are personal.</summary>
internal static class SampleEvents
{
    public const int EventBytes = 500;

    public static ReadOnlyMemory<byte>[] Make(int count) => [.. Enumerable.Range(0, count).Select(Make1)];

    private static ReadOnlyMemory<byte> Make1(int number)
    {
        var start = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"action":"payment.approve","actor":{"id":"user-{{number % 977:0000}}","type":"user","name":"Jordan Example","email":"jordan@example.org","role":"approver"},"targets":[{"id":"pay-{{number:000000000}}","type":"payment"}],"outcome":"success","context":{"address":"192.0.2.17","service":"payments","request_id":"req-{{number:000000000}}"},"data":{"amount":"1250.00","currency":"EUR","note":" """)
            .TrimEnd();
        const string End = "\"}}";
        return Encoding.ASCII.GetBytes(start + new string('n', EventBytes - start.Length - End.Length) + End);
    }
}

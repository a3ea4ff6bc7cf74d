using System.Text;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>One person a request to <c>POST /api/v1/screening/match</c>: names of many countries, common ones and rare
/// ones, with the birth year and the country of every second; the same on every machine.</summary>
internal sealed class MatchRequests : IRequests
{
    private const int Kept = 4_096;

    private static readonly string[] s_given =
    [
        "Mohammed", "Ali", "Maria", "José", "Ivan", "Olga", "Kim", "Wei", "Fatima", "Peter", "Anna", "Jean", "Omar",
        "Giulia", "Lars", "Siobhan", "Nguyen Van", "Abdul Rahman", "Krzysztof", "Zeynep", "Владимир", "محمد", "Yuki",
        "Tendai",
    ];

    private static readonly string[] s_family =
    [
        "Smith", "Garcia", "Ivanov", "Hussein", "Müller", "Wang", "Silva", "Khan", "O'Brien", "Rossi", "Nielsen",
        "Park", "Papadopoulos", "Kowalski", "Yilmaz", "Petrova", "Haddad", "Okafor", "Fernandez Lopez", "Dubois",
        "Tanaka",
        "Kuznetsov", "حسن", "Moyo",
    ];

    private readonly byte[][] _requests;
    private int _number;

    public MatchRequests(LoadContext context, int connection)
    {
        _number = connection * 61 % Kept;
        _requests = [.. Enumerable.Range(0, Kept).Select(i => RequestBytes.Post(
            context.Target, "/api/v1/screening/match", context.Key, Encoding.UTF8.GetBytes(Body(i))))];
    }

    public int Status => 200;

    public bool HasReceipts => false;

    public ReadOnlyMemory<byte> Next() => _requests[_number++ % Kept];

    private static string Body(int number)
    {
        var draw = unchecked((uint)number * 2_654_435_761u);
        var given = s_given[(draw >> 8) % (uint)s_given.Length];
        var family = s_family[(draw >> 16) % (uint)s_family.Length];
        // Every third family name is one that hardly anybody bears.
        family = number % 3 == 0 ? $"{(char)('B' + (draw % 20))}arun{(char)('a' + (draw % 7))}vek" : family;
        var more = number % 2 == 0
            ? $$""","birthDate":["{{1940 + (draw % 65)}}"],"country":["{{(number % 4 == 0 ? "de" : "eg")}}"]""" : "";
        return $$"""{"queries":{"q":{"schema":"Person","properties":{"name":["{{given}} {{family}}"]"""
            + more + "}}}}";
    }
}

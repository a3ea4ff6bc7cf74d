using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Tests.Screening.Engine;

/// <summary>A small list of our own. The persons are made up or long dead; the numbers are made up.</summary>
internal static class Samples
{
    public static ListId List { get; } = new("own_deny");

    public static ScreeningEngine Engine { get; } = Build(
        Person("p1", ["KAROVSKY, Boris Petrovich", "KAROWSKI, Boris"], 1961, "RU"),
        Person("p2", ["AL-ZARQAN, Abdul Rahman Muhammad", "Abdurrahman al-Zarqan"], 1970, "IQ"),
        Person("p3", ["CRUZ MENDOZA, Carlos Alberto"], 1965, "MX"),
        Person("p4", ["TESTAVROU, Nikolaos"], 1958, "GR"),
        Person("p5", ["XIANG, Weiguo"], 1972, "CN"),
        Person("p6", ["BELQASSEM, Usama"], 1975, "TN"),
        Weak(Person("p7", ["ZORANOV, Milivoj"], 1955, "RS"), "The Hammer"),
        Organisation("o1", "VOSTOK NEFTEGAZ ZARIM, OOO"),
        Organisation("o2", "11420 CORP."),
        Organisation("o3", "INDUSTRIAL BANK"),
        Organisation("o4", "BRIMARQUE TRADING AND SHIPPING COMPANY LIMITED"),
        new ListedEntity
        {
            List = List, Uid = "v1", Kind = EntityKind.Vessel, Names = [new ListedName { Full = "OCEAN VELDRA" }],
            Identifiers = [new ListedIdentifier { Kind = IdentifierKind.Imo, Value = "9187629" }],
        });

    public static ScreeningEngine Build(params ListedEntity[] entities) => ScreeningEngine.Build(
        [new ScreeningList(new ListVersion(List, new DateOnly(2026, 1, 1), new string('0', 64), entities.Length),
            [.. entities])]);

    public static ScreeningQuery Query(string name, EntityKind kind = EntityKind.Person) => new() { Name = name,
        Kind = kind };

    public static ListedEntity Person(string uid, string[] names, int year, string country) => new()
    {
        List = List,
        Uid = uid,
        Kind = EntityKind.Person,
        Names = [.. names.Select((name, i) => new ListedName { Full = name,
            Kind = i == 0 ? NameKind.Primary : NameKind.Strong })],
        Dates = [new ListedDate(DateKind.Birth, new PartialDate(year))],
        Countries = [new ListedCountry(CountryRole.Nationality, country, country)],
    };

    private static ListedEntity Organisation(string uid, string name) => new()
    {
        List = List, Uid = uid, Kind = EntityKind.Organisation, Names = [new ListedName { Full = name }],
    };

    private static ListedEntity Weak(ListedEntity entity, string name) =>
        entity with { Names = entity.Names.Add(new ListedName { Full = name, Kind = NameKind.Weak }) };
}

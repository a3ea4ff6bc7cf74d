namespace Probity.Server.Sample;

/// <summary>Invented names. Nobody is meant.</summary>
internal static class SampleNames
{
    public static readonly IReadOnlyList<string> Given =
    [
        "Ada", "Agnieszka", "Ahmed", "Aiko", "Amara", "Anton", "Beatriz", "Bram", "Carmen", "Chidi", "Clara", "Daniel",
        "Deniz", "Dmitri", "Elena", "Emeka", "Emil", "Farah", "Finn", "Gabriel", "Hana", "Hugo", "Ines", "Ivan",
        "Jonas", "Julia", "Kofi", "Lars", "Leila", "Linh", "Lucas", "Maja", "Malik", "Marta", "Mei", "Milan", "Nadia",
        "Noah", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rafael", "Rosa", "Samir", "Sofia", "Stefan", "Tomasz",
        "Uma", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe",
    ];

    public static readonly IReadOnlyList<string> Family =
    [
        "Adeyemi", "Almeida", "Andersson", "Baptiste", "Bauer", "Bianchi", "Carter", "Castillo", "Chen", "Costa",
        "Demir", "Dubois", "Eriksen", "Farouk", "Fischer", "Fraser", "Garcia", "Haddad", "Hughes", "Ibrahim", "Jensen",
        "Kamara", "Khan", "Kowalska", "Larsen", "Lindqvist", "Marino", "Mbeki", "Moreau", "Murphy", "Nakamura",
        "Nguyen", "Novak", "Okafor", "Oliveira", "Park", "Petrova", "Quinn", "Reyes", "Rossi", "Santos", "Schmidt",
        "Silva", "Singh", "Tanaka", "Torres", "Vargas", "Walker", "Weber", "Yilmaz", "Zielinska",
    ];

    public static readonly IReadOnlyList<string> Trade =
    [
        "Harbour", "Northgate", "Bluebird", "Old Mill", "Cedar", "Riverside", "Meridian", "Granite", "Sunrise",
        "Lighthouse", "Maple", "Falcon", "Juniper", "Copper", "Silver Birch", "Highland", "Lakeview", "Orchard",
    ];

    public static readonly IReadOnlyList<string> Business =
    [
        "Bakery", "Garage", "Pharmacy", "Books", "Catering", "Laundry", "Florist", "Hardware", "Cafe", "Textiles",
        "Logistics", "Electronics", "Clinic", "Gardens", "Print", "Foods",
    ];

    /// <summary>People on the invented list: name, birth, country.</summary>
    public static readonly IReadOnlyList<(string Name, string Born, string Country)> Listed =
    [
        ("Radomir Vukasinovic", "1961-03-02", "RS"), ("Aleksandr Belogradov", "1958-11-19", "RU"),
        ("Mohamed Al-Tarsani", "1970-07-07", "SY"), ("Kim Chol-ung", "1966-01-30", "KP"),
        ("Tatyana Ovrazhskaya", "1974-05-21", "BY"), ("Jean-Claude Mabundu", "1969-09-09", "CD"),
        ("Reza Farokhzadi", "1963-12-12", "IR"), ("Win Thura Maung", "1972-02-14", "MM"),
        ("Yevgeny Shtolzman", "1955-08-08", "RU"), ("Abdullah Rashid Karimov", "1979-04-04", "TJ"),
    ];

    /// <summary>
    /// Customers who are like somebody listed and are not: transliterated, turned round, born on another day, a
    /// namesake from elsewhere. In the order of <see cref="Listed"/>.
    /// </summary>
    public static readonly IReadOnlyList<(string Name, string Born, string Country)> NearMisses =
    [
        ("Radomir Vukašinović", "1994-06-17", "HR"), ("Alexander Belogradow", "1989-02-03", "DE"),
        ("Muhammad Tarsani", "1991-10-25", "EG"), ("Chol-ung Kim", "1995-05-05", "KR"),
        ("Tatiana Ovrajskaia", "2001-01-11", "FR"), ("Claude Jean Mabundu", "1998-03-30", "BE"),
        ("Riza Farrokhzad", "1987-07-19", "TR"), ("Maung Win Thura", "1999-11-02", "SG"),
        ("Evgeniy Stolzmann", "1990-04-28", "AT"), ("Abdulla Karimov", "1985-09-13", "UZ"),
    ];
}

namespace Probity.Contracts.Screening;

/// <summary>What <c>POST /api/v1/screening/match</c> takes: questions by names of the caller's own.</summary>
public sealed record MatchRequest
{
    /// <summary>1 to 100 questions; the answer has a response under each name.</summary>
    public IReadOnlyDictionary<string, MatchQuery>? Queries { get; init; }
}

/// <summary>One question: what is known of a person, organisation, vessel or aircraft.</summary>
public sealed record MatchQuery
{
    /// <summary>
    /// <c>Person</c>, <c>Organization</c>, <c>Company</c>, <c>Vessel</c>, <c>Airplane</c>; null for any.
    /// </summary>
    public string? Schema { get; init; }

    /// <summary>
    /// Values by property, with the names of FollowTheMoney: <c>name</c>, <c>alias</c>, <c>birthDate</c>,
    /// <c>nationality</c>, <c>country</c>, <c>jurisdiction</c>, <c>gender</c>, <c>address</c>, <c>idNumber</c>,
    /// <c>passportNumber</c>,
    /// <c>registrationNumber</c>, <c>taxNumber</c>, <c>imoNumber</c>, <c>mmsi</c>, <c>swiftBic</c>, <c>leiCode</c>,
    /// <c>publicKey</c> and their like. Others are left aside. A name or an identifier is needed.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Properties { get; init; }
}

/// <summary>What <c>POST /api/v1/screening/search</c> takes: one name or identifier.</summary>
public sealed record SearchRequest
{
    /// <summary>The name; null or empty to look for an identifier alone.</summary>
    public string? Name { get; init; }

    /// <summary><c>person</c>, <c>organization</c>, <c>vessel</c>, <c>aircraft</c>; null for any.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// The date of birth, foundation or building: <c>1980</c>, <c>1980-03</c>, <c>1980-03-26</c>; null for unknown.
    /// </summary>
    public string? Dob { get; init; }

    /// <summary>A country as ISO 3166 code or English name; null for unknown.</summary>
    public string? Country { get; init; }

    /// <summary><c>male</c> or <c>female</c>; null for unknown.</summary>
    public string? Gender { get; init; }

    /// <summary>A passport, registration or ship number, BIC, LEI or wallet; null for none.</summary>
    public string? Identifier { get; init; }

    /// <summary>An address in one line; null for unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The score from which a result counts, 0 to 1; null for the engine's own.</summary>
    public decimal? Threshold { get; init; }

    /// <summary>The most results, 1 to 50; null for 10.</summary>
    public int? Limit { get; init; }

    /// <summary>The same question in the shape of <see cref="MatchRequest"/>.</summary>
    public MatchQuery ToQuery()
    {
        var properties = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        Add("name", Name);
        Add("birthDate", Dob);
        Add("country", Country);
        Add("gender", Gender);
        Add("identifier", Identifier);
        Add("address", Address);
        return new MatchQuery { Schema = Type, Properties = properties };

        void Add(string property, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                properties[property] = [value];
            }
        }
    }
}

namespace Probity.Screening.Matching;

/// <summary>A field beside the name that may confirm or contradict it.</summary>
public enum EvidenceField : byte
{
    /// <summary>Date of birth, foundation or building.</summary>
    Date,

    /// <summary>Nationality, residence, registration or flag.</summary>
    Country,

    /// <summary>Gender.</summary>
    Gender,

    /// <summary>Identifier of any kind.</summary>
    Identifier,

    /// <summary>Address.</summary>
    Address,

    /// <summary>Person, organisation, vessel or aircraft.</summary>
    Kind,

    /// <summary>A name that the list calls weak: it confirms a hit on another name.</summary>
    WeakName,
}

/// <summary>What a field says.</summary>
public enum Agreement : byte
{
    /// <summary>One side or both do not have it. It counts nothing.</summary>
    Missing,

    /// <summary>They are the same as far as both are known.</summary>
    Agree,

    /// <summary>They are near each other: a year apart, day and month exchanged.</summary>
    Near,

    /// <summary>They contradict each other.</summary>
    Disagree,
}

/// <summary>One field of the comparison, kept apart from the similarity of the names.</summary>
/// <param name="Field">The field.</param>
/// <param name="Agreement">What it says.</param>
/// <param name="Ours">Our value, or "".</param>
/// <param name="Theirs">The list's values, "; " between, or "".</param>
/// <param name="Points">What it adds to the score or takes from it, in ten-thousandths.</param>
public sealed record Evidence(EvidenceField Field, Agreement Agreement, string Ours, string Theirs, int Points);

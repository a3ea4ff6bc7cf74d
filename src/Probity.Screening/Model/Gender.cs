namespace Probity.Screening.Model;

/// <summary>The gender a list states.</summary>
public enum Gender : byte
{
    /// <summary>The list does not say, or says so itself.</summary>
    Unknown,

    /// <summary>Male.</summary>
    Male,

    /// <summary>Female.</summary>
    Female,
}

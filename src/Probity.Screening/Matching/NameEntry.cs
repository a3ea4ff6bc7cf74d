using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>A listed name in the index.</summary>
/// <param name="Name">The name, normalised.</param>
/// <param name="Entity">Number of the entity.</param>
/// <param name="NameNumber">Place of the name among the entity's names.</param>
internal readonly record struct NameEntry(NormalName Name, int Entity, int NameNumber);

/// <summary>A listed name that came near enough.</summary>
/// <param name="Name">Number of the name in the index.</param>
/// <param name="Score">Its score.</param>
internal readonly record struct NameHit(int Name, NameScore Score);

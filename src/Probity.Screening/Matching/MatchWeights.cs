namespace Probity.Screening.Matching;

/// <summary>
/// The one set of weights, published and part of the configuration hash of every answer. Information is in sixteenths
/// of a bit, shares are per mille, scores run from 0 to 10,000.
/// </summary>
public sealed record MatchWeights
{
    /// <summary>Gets the weights of this build.</summary>
    public static MatchWeights Default { get; } = new();

    /// <summary>Gets the information of a name that no table knows.</summary>
    public int UnknownBits { get; init; } = 272;

    /// <summary>Gets the least information of a word.</summary>
    public int LeastBits { get; init; } = 56;

    /// <summary>Gets the information of a legal form.</summary>
    public int LegalFormBits { get; init; } = 24;

    /// <summary>Gets the most information of a word common to organisations.</summary>
    public int GenericBits { get; init; } = 72;

    /// <summary>Gets the information of particles and titles.</summary>
    public int LightBits { get; init; } = 10;

    /// <summary>Gets the information of an initial.</summary>
    public int InitialBits { get; init; } = 40;

    /// <summary>Gets the share that a word of the query counts which the listed name lacks.</summary>
    public int UnmatchedQuery { get; init; } = 550;

    /// <summary>Gets the share that a word of the listed name counts which the query lacks.</summary>
    public int UnmatchedListed { get; init; } = 230;

    /// <summary>Gets the further share that words left over on both sides count: they contradict each other.</summary>
    public int Conflict { get; init; } = 400;

    /// <summary>Gets the share of a contradiction that is left when words of a person's names left over on both sides
    /// begin with one letter, as short forms and forms of other languages do.</summary>
    public int SameInitial { get; init; } = 400;

    /// <summary>Gets the least information that counts as contradicting when words are left over on both sides, however
    /// common they are.</summary>
    public int ConflictLeast { get; init; } = 80;

    /// <summary>Gets the most that commonness takes from a name all of whose parts are usual romanisations of the
    /// other's.</summary>
    public int WholeNameMost { get; init; } = 1200;

    /// <summary>Gets the information from which a match is not common any more.</summary>
    public int EnoughBits { get; init; } = 352;

    /// <summary>Gets the same for organisations, which are told apart by fewer words.</summary>
    public int EnoughOrganisationBits { get; init; } = 200;

    /// <summary>Gets the score lost for each bit that is missing to <see cref="EnoughBits"/>.</summary>
    public int CommonnessPerBit { get; init; } = 170;

    /// <summary>Gets the information below which a match of persons says next to nothing: thousands bear each
    /// name.</summary>
    public int CommonBits { get; init; } = 208;

    /// <summary>Gets the score lost for each bit that is missing to <see cref="CommonBits"/>, beside the other
    /// loss.</summary>
    public int CommonPerBit { get; init; } = 160;

    /// <summary>Gets the similarity lost when two known names differ by a typing error (Antonio, Antonia).</summary>
    public int KnownNames { get; init; } = 250;

    /// <summary>Gets the similarity of two names that are known to stand for each other.</summary>
    public int Nickname { get; init; } = 820;

    /// <summary>Gets the information that an ordinary edit takes away.</summary>
    public int EditBits { get; init; } = 80;

    /// <summary>Gets the similarity of words that share all consonants but differ beyond the edit bound.</summary>
    public int Phonetic { get; init; } = 700;

    /// <summary>Gets the score lost when the order of the words differs.</summary>
    public int OrderPenalty { get; init; } = 100;

    /// <summary>Gets how much commonness counts, per mille, when the query lacks words of a person's listed
    /// name.</summary>
    public int PartCovered { get; init; } = 1400;

    /// <summary>Gets the same when the listed name is one word, titles and "servant of" aside, and the query has
    /// more.</summary>
    public int OneWordOfMore { get; init; } = 1600;

    /// <summary>Gets the same when it lacks half of three words or more.</summary>
    public int HalfCovered { get; init; } = 6000;

    /// <summary>Gets the same when no word of the listed family name agrees.</summary>
    public int FamilyMissing { get; init; } = 2000;

    /// <summary>Gets the same when words of the family name agree but not the first: of two surnames the first is the
    /// one that its holder goes by.</summary>
    public int FirstFamilyMissing { get; init; } = 3000;

    /// <summary>Gets how much commonness counts, per mille, when the words of a person's name come in another
    /// order.</summary>
    public int OutOfOrder { get; init; } = 1500;

    /// <summary>Gets the same when they are not all written the same besides.</summary>
    public int MisspeltOutOfOrder { get; init; } = 2500;

    /// <summary>Gets the information that a match of organisations loses when one word alone tells them apart, is not
    /// written the same and other words are left over ("Ammann and Co", "Aman Holding").</summary>
    public int OneWordSpelt { get; init; } = 80;

    /// <summary>Gets the scale of persons.</summary>
    public Calibration Persons { get; init; } = new(1600, 4200);

    /// <summary>Gets the scale of persons whose name is in another script than Latin.</summary>
    public Calibration NativePersons { get; init; } = new(5850, 7600);

    /// <summary>Gets the scale of organisations whose name has words in Arabic or Hebrew letters.</summary>
    public Calibration NativeOthers { get; init; } = new(8300, 9100);

    /// <summary>Gets the scale of organisations, vessels and aircraft.</summary>
    public Calibration Others { get; init; } = new(6800, 8000);

    /// <summary>Gets the score below which a candidate is dropped before it is compared in full.</summary>
    public int CandidateFloor { get; init; } = 1200;

    /// <summary>Gets what a score loses because what agrees is common.</summary>
    internal int LostTo(int evidence, bool isPerson) =>
        (Math.Max(0, (isPerson ? EnoughBits : EnoughOrganisationBits) - evidence) * CommonnessPerBit / 16)
        + (isPerson ? Math.Max(0, CommonBits - evidence) * CommonPerBit / 16 : 0);
}

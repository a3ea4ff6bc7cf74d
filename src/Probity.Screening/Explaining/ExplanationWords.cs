using System.Globalization;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Screening.Explaining;

/// <summary>Writes explanations in words. The order is fixed: name, parts, what contradicts, what agrees, what is
/// missing.</summary>
internal static class ExplanationWords
{
    public static string Write(MatchExplanation explanation)
    {
        var sentences = new List<string>();
        AddName(sentences, explanation);
        Add(sentences, "Contradicts", explanation.Evidence, Agreement.Disagree);
        Add(sentences, "Near", explanation.Evidence, Agreement.Near);
        Add(sentences, "Agrees", explanation.Evidence, Agreement.Agree);
        AddMissing(sentences, explanation);
        return string.Join(". ", sentences) + ".";
    }

    private static void AddName(List<string> sentences, MatchExplanation explanation)
    {
        var kind = explanation.NameKind switch
        {
            NameKind.Weak => "weak alias",
            NameKind.Strong => "alias",
            NameKind.Primary or null => "name",
            _ => throw new InvalidOperationException("No such kind."),
        };
        if (explanation.Parts.Length == 0)
        {
            sentences.Add($"Identifier of {explanation.List} {explanation.Uid} \"{explanation.Name}\"");
            return;
        }

        var parts = explanation.IsExact ? ["the same words"] : explanation.Parts.Select(Write);
        sentences.Add($"{Capital(kind)} \"{explanation.Name}\": {string.Join(", ", parts)}");
        if (explanation.InformationBits < 16 && !explanation.IsExact)
        {
            sentences.Add("The matching parts are common names");
        }
    }

    private static string Write(ExplainedPart part) => part.Match switch
    {
        PartMatch.Same => $"{part.Ours} the same",
        PartMatch.Spelling => $"{part.Ours} another spelling of {part.Theirs}",
        PartMatch.Typo => $"{part.Ours} for {part.Theirs} ({Edits(part.Edits)})",
        PartMatch.Phonetic => $"{part.Ours} sounds like {part.Theirs}",
        PartMatch.Nickname => $"{part.Ours} stands for {part.Theirs}",
        PartMatch.Initial => $"{part.Ours} fits {part.Theirs} by initial",
        PartMatch.CrossScript => $"{part.Ours} is {part.Theirs} in another script",
        PartMatch.Joined => $"{part.Ours} written together or apart as {part.Theirs}",
        PartMatch.OnlyOurs => $"{part.Ours} only in the query",
        PartMatch.OnlyTheirs => $"{part.Theirs} only on the list",
        _ => throw new InvalidOperationException("No such part."),
    };

    private static string Edits(int cost)
    {
        var tenths = cost * 10 / TokenDistance.Edit;
        return string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10} edits");
    }

    private static void Add(List<string> sentences, string label, IEnumerable<Evidence> evidence, Agreement agreement)
    {
        var fields = evidence.Where(field => field.Agreement == agreement).Select(field =>
            agreement == Agreement.Agree && field.Ours == field.Theirs
                ? $"{Word(field.Field)} {field.Ours}"
                    : $"{Word(field.Field)} {field.Ours} (list: {field.Theirs})").ToArray();
        if (fields.Length != 0)
        {
            sentences.Add($"{label}: {string.Join(", ", fields)}");
        }
    }

    private static void AddMissing(List<string> sentences, MatchExplanation explanation)
    {
        var fields = explanation.Evidence.Where(field => field.Agreement == Agreement.Missing)
            .Select(field => Word(field.Field) + (field.Ours.Length != 0
                ? " (on the list)" : field.Theirs.Length != 0 ? " (in the query)" : ""))
            .ToArray();
        if (fields.Length != 0)
        {
            sentences.Add($"Missing: {string.Join(", ", fields)}");
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Word(EvidenceField field) => field switch
    {
        EvidenceField.Date => "date",
        EvidenceField.Country => "country",
        EvidenceField.Gender => "gender",
        EvidenceField.Identifier => "identifier",
        EvidenceField.Address => "address",
        EvidenceField.Kind => "kind",
        EvidenceField.WeakName => "weak alias",
        _ => throw new InvalidOperationException("No such field."),
    };
}

using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>
/// Arabic and Hebrew letters as one code letter each, and what each code letter may be in Latin letters.
/// </summary>
/// <remarks>
/// These scripts write no short vowels, so a word in them is a pattern of what its Latin form may be, not a spelling.
/// A word keeps its code letters, and <see cref="Matching.AbjadDistance"/> compares the pattern with Latin words.
/// </remarks>
internal static class Abjad
{
    // Code letter = the first character after the letters; then the Latin forms, "-" meaning that it may be silent.
    private static readonly string[] Arabic =
    [
        "اأإآٱ a a,e,i,o,u,aa,-", "بﺏ b b,p", "ت t t,th", "ث 0 th,s,t", "ج j j,g,dj,zh,dzh,c", "ح h h,kh",
            "خ x kh,h,x,k,ch",
        "د d d", "ذ 1 dh,z,d,th,zh", "رڑ r r", "ز z z", "س s s,c,ss", "ش 2 sh,ch,s", "ص 3 s,c", "ض 4 d,dh,z,th",
            "طټ 5 t",
        "ظ 6 z,dh,d,th", "ع e -,a,e,i,o,u,aa", "غ 7 gh,g,q,k", "ف f f,ph", "ق q q,k,g,gh,c", "كکڪ k k,c,ck,q",
            "ل l l", "م m m",
        "نںڼ n n", "هہھۀ H h,-,a,e,eh", "و w w,v,u,o,ou,oo,au,aw,uw,ow,-", "يیېۍئ y y,i,e,ee,ie,iy,ei,ai,ey,ay,j,-",
            "ى A a,i,y,e,ee,-",
        "ة T a,ah,t,at,eh,e,h,-", "ء ' -,a,e", "ؤ u u,o,w,v,-", "پ p p,b", "چ c ch,tch,c,j,sh", "ژ 8 zh,j,z",
            "گګ g g,k,gh",
        "ډ d d", "ړ r r", "ږ 9 g,zh,j", "ښ 2 sh,kh,x", "څ t ts,s,c", "ځ z dz,z", "ڈ d d", "ٹ t t", "ڤ v v,f",
    ];

    private static readonly string[] Hebrew =
    [
        "א a a,e,i,o,u,-", "ב b b,v", "ג g g,j", "ד d d", "ה H h,a,ah,e,-", "ו w v,w,o,u,oo,ou,-", "ז z z",
            "ח h h,ch,kh", "ט 5 t,th",
        "י y y,i,e,ee,ei,j,ai,-", "כך k k,ch,kh,c", "ל l l", "מם m m", "נן n n", "ס s s", "ע e -,a,e,i,o",
            "פף p p,f,ph", "צץ C ts,tz,z,c",
        "ק q k,q,c", "ר r r", "ש 2 sh,s,sch", "ת t t,th",
    ];

    private static readonly FrozenDictionary<char, char> Codes = BuildCodes();

    /// <summary>Tells whether a letter belongs to one of these scripts.</summary>
    public static bool Is(char character) =>
        character is >= '\u0620' and <= '\u06d3' and not (>= '\u064b' and <= '\u0670')
        || character is >= '\u05d0' and <= '\u05ea' or >= '\ufb50' and <= '\ufdff' or >= '\ufe70' and <= '\ufefc';

    /// <summary>Tells whether a character is a vowel mark, a lengthening stroke or another sign that is
    /// skipped.</summary>
    public static bool IsMark(char character) =>
        character is >= '\u064b' and <= '\u065f' or '\u0670' or '\u0640' or >= '\u0591' and <= '\u05c7'
            or >= '\u0610' and <= '\u061a' or '\u200c' or '\u200d' or '\u200e' or '\u200f';

    private static readonly FrozenDictionary<char, string> PresentationForms =
        Resource.Lines("arabic_forms.txt").ToFrozenDictionary(line => line[0], line => line[2..]);

    /// <summary>Gets the letters of a presentation form, or null for a letter as it is.</summary>
    public static string? Letters(char character) =>
        character >= '\ufb50' && PresentationForms.TryGetValue(character, out var letters) ? letters : null;

    /// <summary>Gets the code letter of a letter, or '\0' for none.</summary>
    public static char CodeOf(char character) => Codes.GetValueOrDefault(character);

    /// <summary>Gets the Latin forms of an Arabic code letter; "" means that it may be silent.</summary>
    public static string[] FormsOf(char code, bool isHebrew) =>
        code < 128 ? (isHebrew ? HebrewForms : ArabicForms)[code] : [];

    private static readonly string[][] ArabicForms = BuildForms(Arabic);

    private static readonly string[][] HebrewForms = BuildForms(Hebrew);

    private static FrozenDictionary<char, char> BuildCodes()
    {
        var table = new Dictionary<char, char>();
        foreach (var row in Arabic.Concat(Hebrew))
        {
            var cells = row.Split(' ');
            foreach (var letter in cells[0])
            {
                table[letter] = cells[1][0];
            }
        }

        return table.ToFrozenDictionary();
    }

    private static string[][] BuildForms(string[] rows)
    {
        var forms = new string[128][];
        Array.Fill(forms, []);
        foreach (var row in rows)
        {
            var cells = row.Split(' ');
            var all = cells[2].Split(',').Select(form => form == "-" ? "" : form);
            forms[cells[1][0]] = [.. forms[cells[1][0]].Union(all)];
        }

        return forms;
    }
}

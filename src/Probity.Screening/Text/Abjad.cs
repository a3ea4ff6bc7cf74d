using System.Collections.Frozen;
using System.Globalization;

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
    // Letters, code letter, then the Latin forms with what each costs in sixteenths of an edit ("c:4"; nothing when it
    // is the usual one, "-" for silent).
    private static readonly string[] Arabic =
    [
        "اأإآٱ a a,aa,e,i,o,u,-:8", "بﺏ b b,p:3", "ت t t,th:3", "ث 0 th,s,t:4", "ج j j,g,dj,zh:2,dzh,c:6", "ح h h,kh:5",
        "خ x kh,h:3,x,k:5,ch:3", "د d d", "ذ 1 dh,z,d:2,th:3", "رڑ r r", "ز z z", "س s s,ss,c:6", "ش 2 sh,ch,s:5",
        "ص 3 s,c:6", "ض 4 d,dh,z,th:4", "طټ 5 t", "ظ 6 z,dh,d:2,th:4", "ع e -:1,a,aa,e:1,i:1,o:1,u:1",
        "غ 7 gh,g,q:4,k:6", "ف f f,ph", "ق q q,k,g:3,gh:4,c:5", "كکڪ k k,c:3,ck,q:2,g:7", "ل l l", "م m m", "نںڼ n n",
        "هہھۀ H h", "و w w,v,u,o,ou,oo,au:2,aw,uw,ow,-:9", "يیېۍ y y,i,e:2,ee,iy,ie,ei,ai,ey,ay,j:3,-:9",
        "ى A a,i:2,y:2,e:2,ee:3,ai:3,ay:3,-:8", "ة T a,ah,t,at,eh,e,h:4,-:4", "ءئ ' -,a:2,e:2,i:2,y:2",
        "ؤ u u,o,w,ou,v:4,-:6", "پ p p,b:3", "چ c ch,tch,c:3,j:4,sh:4", "ژ 8 zh,j,z:3", "گګ g g,k:5,gh:3", "ډ d d",
        "ړ r r", "ږ 9 g,zh,j", "ښ 2 sh,kh,x", "څ t ts,s,c", "ځ z dz,z", "ڈ d d", "ٹ t t", "ڤ v v,f",
    ];

    private static readonly string[] Hebrew =
    [
        "א a a,e,i,o,u,-:3", "ב b b,v", "ג g g,j", "ד d d", "ה H h,a,ah,e,-:2", "ו w v,w,o,u,oo,ou,-:6", "ז z z",
        "ח h h,ch,kh", "ט 5 t,th", "י y y,i,e,ee,ei,j,ai,-:6", "כך k k,ch,kh,c", "ל l l", "מם m m", "נן n n", "ס s s",
        "ע e -:2,a,e,i,o", "פף p p,f,ph", "צץ C ts,tz,z,c", "ק q k,q,c", "ר r r", "ש 2 sh,s,sch", "ת t t,th",
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

    /// <summary>Gets the Latin forms of a code letter; "" means that it may be silent.</summary>
    public static LatinForm[] FormsOf(char code, bool isHebrew) =>
        code < 128 ? (isHebrew ? HebrewForms : ArabicForms)[code] : [];

    private static readonly LatinForm[][] ArabicForms = BuildForms(Arabic);

    private static readonly LatinForm[][] HebrewForms = BuildForms(Hebrew);

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

    private static LatinForm[][] BuildForms(string[] rows)
    {
        var forms = new LatinForm[128][];
        Array.Fill(forms, []);
        foreach (var row in rows)
        {
            var cells = row.Split(' ');
            forms[cells[1][0]] = [.. forms[cells[1][0]].UnionBy(cells[2].Split(',').Select(Read), form => form.Text)];
        }

        return forms;
    }

    private static LatinForm Read(string cell)
    {
        var parts = cell.Split(':');
        return new LatinForm(
            parts[0] == "-" ? "" : parts[0], parts.Length == 1 ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}

/// <summary>What a letter of another script may be in Latin letters, and what reading it so costs.</summary>
/// <param name="Text">Latin letters; "" for a silent one.</param>
/// <param name="Price">In sixteenths of an edit.</param>
internal readonly record struct LatinForm(string Text, int Price)
{
    /// <summary>Gets the letters of <see cref="Text"/> as a set.</summary>
    public uint Letters { get; } = Matching.WordSign.Letters(Text);
}

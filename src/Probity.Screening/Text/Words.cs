using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>Words that play a part in a name other than to tell one holder from another. Hand-made.</summary>
internal static class Words
{
    /// <summary>Titles and forms of address; also as romanised from other scripts.</summary>
    public static readonly FrozenSet<string> Titles = Set(
        "mr mrs ms miss mister mx dr doctor doktor prof professor sir lord lady dame madam madame mme mlle monsieur "
        + "herr frau senor senora sr sra don dona dipl ing eng engr mag phd md msc bsc mba esq esquire jr junior snr "
        + "senior hon honorable rev reverend father fr bishop rabbi imam mullah mulla molla mawlawi maulavi mawlavi "
        + "moulavi maulana mawlana mowlavi sheikh shaykh sheik shaikh cheikh shekh sheykh haji hajji hadji hajj "
            + "alhaji alhaj "
        + "qari ustaz ustad ayatollah hojatoleslam hojjatoleslam gen general gral lt lieutenant leutenant col colonel "
        + "capt captain cpt maj major sgt sergeant brig brigadier cmdr commander adm admiral marshal marechal cdr "
        + "president minister prince princess king queen emir his her excellency majesty highness comrade "
        + "gospodin gospozha gospodina pan pani panna bay bayan hanim bey efendi pasha khanom khanum agha aqa agay "
        + "sardar sirdar sahib begum chief ambassador judge justice senator governor hodja hoca akhund akhond "
        + "hafiz hafez mohtarma janab alustadh aldoktor duktur mohandes muhandis alshaykh");

    /// <summary>Titles in Arabic and Hebrew letters, as code letters (see <see cref="Abjad"/>).</summary>
    public static readonly FrozenSet<string> AbjadTitles = AbjadSet(
        "السيد السيدة دكتور الدكتور الدكتورة شيخ الشيخ شیخ حاج الحاج حاجي حاجی ملا مولوي مولوی مولانا آغا آقا "
            + "آقای آخوند اخوند الملا "
        + "مهندس المهندس استاذ الأستاذ الاستاذ أستاذ جنرال الجنرال عقيد العقيد لواء اللواء عميد العميد فريق "
            + "الفريق رائد سردار سرتيپ "
        + "قاري قاری حجي حجی حاجى خانم ایت الله حجت الاسلام د م أ مر רב הרב דר");

    /// <summary>Words of descent in Arabic letters ("bin", "ibn", "bint", "ould", "Al"), as code letters.</summary>
    public static readonly FrozenSet<string> AbjadParticles = "بن ابن بنت ولد آل بو".Split(' ')
        .Select(word => string.Concat(word.Select(Abjad.CodeOf))).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Particles: kept, but of almost no weight.</summary>
    public static readonly FrozenSet<string> Particles = Set(
        "al el ul ol bin ibn ben bint binti binte bn ould walad wuld uld oglu ogly oglo ogli qizi kyzy kizi "
        + "van von vom zu zur der den dem de del della delle di da do dos das du des d la le les lo los las y e i "
            + "ter ten te "
        + "af av zum san santa st saint mc mac o ap ud ur us uz ud dal ve und et and the of wa nee born aka alias");

    /// <summary>Words without weight in names of organisations.</summary>
    public static readonly FrozenSet<string> Stopwords = Set(
        "the of and for in de la le les el los las du des der die das und et y e del di da do dos a an to s al "
            + "van i na po v po za "
        + "with by on at from no number nr och og en het");

    /// <summary>The word "son of the servant of", written in many ways before a name of God.</summary>
    public static readonly FrozenSet<string> Servant =
        Set("abd abdul abdel abdal abdol abdur abdu abdoul abdool abdil abdus abdun abdud");

    /// <summary>Last words of the name of a branch, after its place.</summary>
    public static readonly FrozenSet<string> BranchEnds =
        Set("branch filial filiale sucursal succursale niederlassung zweigniederlassung subesi bijkantoor oddzial");

    /// <summary>What "office" is the last word of, where it is no name of its own.</summary>
    public static readonly FrozenSet<string> OfficeKinds =
        Set("head main branch regional representative liaison registered central");

    /// <summary>Words common to organisations in Arabic letters, as code letters, and the same in English.</summary>
    public static readonly FrozenDictionary<string, string> AbjadClasses = Pairs(
            "گروه=group مجموعة=group مجموعه=group شركة=company شركه=company شرکت=company بنك=bank بانک=bank "
            + "تجارة=trading تجارت=trading مصرف=bank صنایع=industries صناعات=industries مؤسسة=organization "
            + "موسسه=organization سازمان=organization منظمة=organization")
        .GroupBy(pair => string.Concat(pair.Key.Select(Abjad.CodeOf)), pair => pair.Value)
        .ToFrozenDictionary(row => row.Key, row => row.First(), StringComparer.Ordinal);

    /// <summary>Prefixes of vessel and aircraft names.</summary>
    public static readonly FrozenSet<string> ObjectPrefixes = Set("mv mt ss vessel ship tanker sv fv mtv hms uss");

    /// <summary>Whole numbers written as words, and Roman numerals, as digits.</summary>
    public static readonly FrozenDictionary<string, string> Numerals = Pairs(
        "one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 first=1 "
            + "second=2 third=3 "
        + "fourth=4 fifth=5 sixth=6 seventh=7 eighth=8 ninth=9 tenth=10 ii=2 iii=3 iv=4 vi=6 vii=7 viii=8 ix=9 "
            + "xi=11 xii=12 "
        + "1st=1 2nd=2 3rd=3 4th=4 5th=5 6th=6 7th=7 8th=8 9th=9 10th=10 uno=1 tres=3 cuatro=4 cinco=5 odin=1 "
            + "dva=2 tri=3");

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static FrozenSet<string> AbjadSet(string words) => words.Split(' ')
        .Select(word => string.Concat(word.Select(Abjad.CodeOf)))
        .SelectMany(code => new[] { code, code.StartsWith("al",
            StringComparison.Ordinal) && code.Length > 4 ? code[2..] : code })
        .Where(code => code.Length > 1 && code is not ("ebd" or "allH"))
        .ToFrozenSet(StringComparer.Ordinal);

    private static FrozenDictionary<string, string> Pairs(string pairs) => pairs.Split(' ')
        .Select(pair => pair.Split('='))
        .ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}

using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>Mandarin readings of Han characters (pinyin without tones) and the shape of Chinese names.</summary>
internal static class Han
{
    // Surnames whose reading differs from the usual one of the character.
    private const string SurnameReadings =
        "单shan 單shan 曾zeng 仇qiu 解xie 查zha 朴piao 区ou 區ou 任ren 华hua 華hua 盖ge 覃qin 尉wei 乐yue 员yun 繁po 召shao 黑he "
        + "重chong 折she 缪miao 冼xian 翟zhai 逄pang 秘bi 宁ning 长zhang";

    private const string DoubleSurnames =
        "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 夏侯 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 司徒 令狐 宇文 长孙 長孫 端木 百里 呼延 南宫 南宮 独孤 獨孤";

    private static readonly FrozenDictionary<char, string> Readings = BuildReadings();

    private static readonly FrozenDictionary<char, string> Surnames =
        SurnameReadings.Split(' ').ToFrozenDictionary(row => row[0], row => row[1..]);

    private static readonly FrozenSet<string> Doubles = DoubleSurnames.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Tells whether a character is a Han character of the basic planes.</summary>
    public static bool Is(char character) => character is >= '\u3400' and <= '\u9fff' or >= '\uf900' and <= '\ufaff';

    /// <summary>Gets the reading of a character, or null.</summary>
    public static string? Reading(char character, bool isSurname = false) =>
        isSurname && Surnames.TryGetValue(character, out var surname) ? surname
        : Readings.TryGetValue(character, out var reading) ? reading : null;

    /// <summary>Gets how many characters of a name of two to four characters are the surname.</summary>
    public static int SurnameLength(ReadOnlySpan<char> name) =>
        name.Length >= 3 && Doubles.Contains(name[..2].ToString()) ? 2 : 1;

    private static FrozenDictionary<char, string> BuildReadings()
    {
        var table = new Dictionary<char, string>();
        foreach (var line in Resource.Lines("pinyin.txt"))
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            foreach (var character in line.AsSpan(tab + 1))
            {
                table[character] = line[..tab];
            }
        }

        return table.ToFrozenDictionary();
    }
}

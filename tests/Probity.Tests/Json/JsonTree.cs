using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Probity.Ledger.Json;

namespace Probity.Tests.Json;

/// <summary>
/// A random JSON document that can spell itself in many ways, and its canonical form by a slow, plain route.
/// </summary>
internal abstract record JsonTree
{
    private static readonly Gen<string> AnyText = Gen.Frequency(
        (4, Gen.Char['a', 'd'].Array[0, 3].Select(c => new string(c))),
        (2, Gen.String[Gen.Char[' ', '~'], 0, 40]),
        (2, Rune(0x20, 0xD7FF)),
        (1, Rune(0xE000, 0xFFFF)),
        (1, Rune(0x10000, 0x10FFFF)),
        (1, Gen.Char['\u0001', '\u001f'].Array[1, 3].Select(c => new string(c))),
        (1, Gen.OneOf("\"", "\\", "/", "\u007f", "\b\f\n\r\t", "name-of-eight", "name-of-eighu")));

    private static readonly Gen<double> AnyNumber = Gen.Frequency(
        (3, Gen.Long[-9_007_199_254_740_991, 9_007_199_254_740_991].Select(n => (double)n)),
        (3, Gen.Int[-1_000_000, 1_000_000].Select(n => n / 100.0)),
        (2, Gen.Double[-1, 1]),
        (1, Gen.OneOf(0, -0.0, 1e-7, 0.000001, 5e-324, 2.2250738585072014E-308, 2251799813685249.5)));

    public static Gen<JsonTree> Any { get; } = Gen.Recursive<JsonTree>((depth, inner) =>
    {
        var leaf = Gen.OneOf(
            Gen.OneOf("null", "true", "false").Select(w => (JsonTree)new Word(w)),
            AnyText.Select(t => (JsonTree)new Str(t)),
            AnyNumber.Select(n => (JsonTree)new Num(n)));
        if (depth > 3)
        {
            return leaf;
        }

        return Gen.Frequency(
            (2, leaf),
            (2, inner.Array[0, 5].Select(a => (JsonTree)new Arr(a))),
            (3, Gen.Select(AnyText, inner).Array[0, depth == 0 ? 24 : 6]
                .Select(m => (JsonTree)new Obj([.. m.DistinctBy(e => e.Item1)]))));
    });

    /// <summary>The tree that an item says, read through the public interface only.</summary>
    public static JsonTree Read(JsonItem item)
    {
        switch (item.Kind)
        {
            case JsonValueKind.String:
                return new Str(item.GetString());
            case JsonValueKind.Number:
                return new Num(item.GetDouble());
            case JsonValueKind.Array:
                var elements = new List<JsonTree>();
                foreach (var element in item.EnumerateArray())
                {
                    elements.Add(Read(element));
                }

                return new Arr([.. elements]);
            case JsonValueKind.Object:
                var members = new List<(string, JsonTree)>();
                foreach (var member in item.EnumerateObject())
                {
                    members.Add((member.Name.GetString(), Read(member.Value)));
                }

                return new Obj([.. members]);
            default:
                return new Word(item.ToString());
        }
    }

    /// <summary>
    /// One spelling; seed 0 is without white space and escapes where they are not needed, in the given order.
    /// </summary>
    public byte[] Spell(uint seed)
    {
        var text = new StringBuilder();
        Append(text, new Spelling(seed));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The canonical form.</summary>
    public abstract string Canonical();

    protected abstract void Append(StringBuilder to, Spelling spelling);

    private static Gen<string> Rune(int first, int last)
        => Gen.Int[first, last].Array[1, 3].Select(r => string.Concat(r.Select(char.ConvertFromUtf32)));

    private static void AppendString(StringBuilder to, string text, Spelling spelling)
    {
        to.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            var plain = rune.ToString();
            if (spelling.Chance(4))
            {
                to.AppendJoin(string.Empty, plain.Select(unit => $"\\u{(int)unit:X4}"));
                continue;
            }

            to.Append(rune.Value switch
            {
                '"' or '\\' => "\\" + plain,
                '/' when spelling.Chance(2) => "\\/",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{rune.Value:x4}",
                _ => plain,
            });
        }

        to.Append('"');
    }

    /// <summary>A small generator of choices, the same for the same seed.</summary>
    internal sealed class Spelling(uint seed)
    {
        private uint _state = seed;

        public bool IsPlain { get; } = seed == 0;

        public bool Chance(uint oneIn)
        {
            if (IsPlain)
            {
                return false;
            }

            // xorshift32, whose state is never 0 for a seed other than 0.
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return (_state >> 8) % oneIn == 0;
        }

        public string Space() => Chance(6) ? " \n\t\r" : string.Empty;
    }

    private sealed record Word(string Text) : JsonTree
    {
        public override string Canonical() => Text;

        protected override void Append(StringBuilder to, Spelling spelling) => to.Append(Text);
    }

    private sealed record Str(string Text) : JsonTree
    {
        public override string Canonical()
        {
            var to = new StringBuilder();
            AppendString(to, Text, new Spelling(0));
            return to.ToString();
        }

        protected override void Append(StringBuilder to, Spelling spelling) => AppendString(to, Text, spelling);
    }

    private sealed record Num(double Value) : JsonTree
    {
        public override string Canonical()
        {
            var to = new System.Buffers.ArrayBufferWriter<byte>();
            CanonicalJson.WriteNumber(to, Value);
            return Encoding.ASCII.GetString(to.WrittenSpan);
        }

        protected override void Append(StringBuilder to, Spelling spelling)
        {
            to.Append(spelling.Chance(2) ? Value.ToString("R", CultureInfo.InvariantCulture) : Canonical());
        }
    }

    private sealed record Arr(JsonTree[] Elements) : JsonTree
    {
        public override string Canonical() => $"[{string.Join(',', Elements.Select(e => e.Canonical()))}]";

        protected override void Append(StringBuilder to, Spelling spelling)
        {
            to.Append('[').Append(spelling.Space());
            for (var i = 0; i < Elements.Length; i++)
            {
                to.Append(i > 0 ? "," : string.Empty).Append(spelling.Space());
                Elements[i].Append(to, spelling);
                to.Append(spelling.Space());
            }

            to.Append(']');
        }
    }

    private sealed record Obj((string Name, JsonTree Value)[] Members) : JsonTree
    {
        /// <summary>Ordinal comparison of .NET strings is the order of UTF-16 code units.</summary>
        public override string Canonical()
        {
            var members = Members.OrderBy(m => m.Name, StringComparer.Ordinal)
                .Select(m => $"{new Str(m.Name).Canonical()}:{m.Value.Canonical()}");

            return $"{{{string.Join(',', members)}}}";
        }

        protected override void Append(StringBuilder to, Spelling spelling)
        {
            var isReversed = spelling.Chance(2);
            var members = isReversed ? Members.Reverse().ToArray() : Members;
            to.Append('{').Append(spelling.Space());
            for (var i = 0; i < members.Length; i++)
            {
                to.Append(i > 0 ? "," : string.Empty).Append(spelling.Space());
                AppendString(to, members[i].Name, spelling);
                to.Append(spelling.Space()).Append(':').Append(spelling.Space());
                members[i].Value.Append(to, spelling);
                to.Append(spelling.Space());
            }

            to.Append('}');
        }
    }
}

using Probity.Screening.Model;
using Probity.Screening.Text;
using Xunit;

namespace Probity.Tests.Screening.Engine;

/// <summary>What a match leaves out decides what commonness costs: a part of a common name is not the name.</summary>
public sealed class PartlyCoveredTests
{
    [Theory]
    [InlineData("Juan Carlos Martínez", "MARTINEZ PEREZ, Juan Carlos")]
    [InlineData("Juan Martínez Pérez", "MARTINEZ PEREZ, Juan Carlos")]
    [InlineData("Milivoj Zoranov", "ZORANOV PAVELKO, Milivoj Radoje")]
    [InlineData("Sam Testavrou", "TESTAVROU, Saalim")]
    [InlineData("Ghodrat Zarkashian", "ZARKASHIAN, Ghodratollah")]
    [InlineData("Che-Son Ri", "RI, Je-Son")]
    [InlineData("Mohammad Khan", "KHAN, Mohammad")]
    [InlineData("Khan Mohammad", "KHAN, Mohammad")]
    public void The_name_by_which_its_holder_goes_is_found(string name, string listed) =>
        Assert.Single(Samples.Build(Samples.Person("1", [listed], 1960, "MX")).Search(Samples.Query(name)));

    [Theory]
    [InlineData("Júlio César Carvalho", "NASSER DAVID, Julio Cesar")]
    [InlineData("José Velázquez", "ALVAREZ VELASQUEZ, Jose Gerardo")]
    [InlineData("José Luis Juárez", "GUTIERREZ LOERA, Jose Luis")]
    [InlineData("Mario Ramos", "VALENCIA RAMOS, Joaquin Mario")]
    [InlineData("Stephen Markham", "LO, Stephen")]
    [InlineData("Albert Małecki", "AL-MALEKI, Shebib Lazim")]
    [InlineData("Hasim Handayani", "HASHIM, Abdul")]
    [InlineData("山田 樹", "CHAN, Shu Sang")]
    public void A_part_of_a_common_name_is_not_the_name(string name, string listed) =>
        Assert.Empty(Samples.Build(Samples.Person("1", [listed], 1960, "MX")).Search(Samples.Query(name)));

    [Fact]
    public void A_family_name_is_a_word_whatever_it_means_elsewhere_and_a_particle_has_a_name_after_it()
    {
        Assert.All(NameReader.Person("LO, Stephen").Tokens, token => Assert.Equal(TokenKind.Word, token.Kind));
        Assert.Equal([false, true], NameReader.Person("AGHA, Torek").Tokens.Select(token => token.IsFamily));
        Assert.Equal(TokenKind.Word, NameReader.Person("Denny Van").Tokens[^1].Kind);
        Assert.Equal(TokenKind.Particle, NameReader.Person("Ludwig van Beethoven").Tokens[1].Kind);
    }

    [Fact]
    public void Han_names_with_a_blank_are_cut_where_it_stands()
    {
        Assert.Equal(["shantian", "shu"], NameReader.Person("山田 樹").Tokens.Select(token => token.Text));
        Assert.Equal(["wang", "xiaoming"], NameReader.Person("王小明").Tokens.Select(token => token.Text));
    }

    [Fact]
    public void The_only_telling_word_of_a_company_counts_less_when_it_is_spelt_otherwise()
    {
        var listed = new ListedEntity
        {
            List = Samples.List, Uid = "1", Kind = EntityKind.Organisation,
            Names = [new ListedName { Full = "AMAN HOLDING COMPANY" }],
        };
        var engine = Samples.Build(listed);

        var other = engine.Search(Samples.Query("Ammann Shipping", EntityKind.Organisation), 1).Single();
        var same = engine.Search(Samples.Query("Aman Shipping", EntityKind.Organisation), 1).Single();
        Assert.InRange(other.Score, 1, same.Score - 800);
    }
}

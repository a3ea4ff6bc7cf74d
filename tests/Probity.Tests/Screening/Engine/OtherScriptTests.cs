using Probity.Screening.Model;
using Probity.Screening.Text;
using Xunit;

namespace Probity.Tests.Screening.Engine;

/// <summary>Names in scripts that write no short vowels, or whole syllables: what is the same name, and what only
/// shares its consonants.</summary>
public sealed class OtherScriptTests
{
    [Theory]
    [InlineData("شمس الدین", "SHAMSUDDIN")]
    [InlineData("حبيب الله", "HABIBULLAH")]
    [InlineData("عيسى حقاني", "HAQQANI, Isa")]
    [InlineData("عیسی حقانی", "HAQQANI, Isa")]
    [InlineData("بلال بن مروان", "BILAL BIN MARWAN")]
    [InlineData("سليمان أبوغيث", "ABU GHAITH, Sulaiman")]
    [InlineData("جلال الدين حقانى", "JALALUDDIN HAQQANI")]
    [InlineData("김현철", "KIM, Hyon Chol")]
    public void The_same_name_in_another_script_is_found(string name, string listed)
    {
        var engine = Samples.Build(Samples.Person("1", [listed], 1960, "AF"));

        Assert.Single(engine.Search(Samples.Query(name)));
    }

    [Theory]
    [InlineData("هاجر عزیز", "CAIRO, Aziz")]
    [InlineData("طارق حسن", "AL-TURKI, Hassan")]
    [InlineData("إيناس أسامة", "INCE, Samet")]
    [InlineData("آية عزیز", "MOHAMMAD YAHYA AZIZ")]
    [InlineData("이우진", "RYU, Jin")]
    [InlineData("강현우", "JANG, Hyon U")]
    [InlineData("汪彬", "WANG, Chen")]
    [InlineData("孔明", "WANG, Dongming")]
    public void Consonants_or_a_syllable_alone_find_nobody(string name, string listed)
    {
        var engine = Samples.Build(Samples.Person("1", [listed], 1960, "AF"));

        Assert.Empty(engine.Search(Samples.Query(name)));
    }

    [Fact]
    public void Surnames_of_one_syllable_and_common_names_are_known_to_be_common()
    {
        var rare = NameFrequency.Default.Bits("karovsky") ?? int.MaxValue;

        foreach (var name in (string[])["kim", "ri", "wang", "nguyen", "muhammad", "garcia", "silva"])
        {
            Assert.InRange(NameFrequency.Default.Bits(name) ?? int.MaxValue, 1, 100);
        }

        Assert.True(rare > 200);
        Assert.NotNull(NameFrequency.Default.Bits("zhiqiang"));
    }

    [Fact]
    public void A_branch_is_the_company_and_an_office_that_is_no_branch_is_not()
    {
        var engine = Samples.Build(new ListedEntity
        {
            List = Samples.List, Uid = "1", Kind = EntityKind.Organisation,
            Names = [new ListedName { Full = "MOTOJEN ZARIM" }],
        });

        Assert.Single(engine.Search(Samples.Query("Motojen Zarim Moscow branch", EntityKind.Organisation)));
        Assert.Single(engine.Search(Samples.Query("Motojen Zarim Head Office", EntityKind.Organisation)));
        Assert.Empty(engine.Search(Samples.Query("Weltenburg Olive Branch", EntityKind.Organisation)));
    }
}

using Xunit;

namespace Probity.Server.Tests.Docs;

public sealed class ReadmeBlockTests
{
    [Fact]
    public void Blocks_of_sh_are_read_in_order_with_their_line()
    {
        var blocks = ReadmeBlock.Read("# A\n```sh\necho 1\n```\ntext\n```sh\necho 2\necho 3\n```\n");

        Assert.Equal(["echo 1\n", "echo 2\necho 3\n"], blocks.Select(block => block.Text));
        Assert.Equal([2, 6], blocks.Select(block => block.Line));
    }

    [Fact]
    public void Blocks_of_other_languages_are_passed_over()
    {
        var blocks = ReadmeBlock.Read("```json\n{}\n```\n```\nplain\n```\n```shell\nno\n```\n```sh title=x\nyes\n```\n");

        Assert.Equal(["yes\n"], blocks.Select(block => block.Text));
    }

    [Fact]
    public void A_fence_inside_a_longer_fence_is_text()
    {
        var blocks = ReadmeBlock.Read("````md\n```sh\nrm -rf /\n```\n````\n~~~sh\necho ok\n```\n~~~\n");

        Assert.Equal(["echo ok\n```\n"], blocks.Select(block => block.Text));
    }

    [Fact]
    public void Windows_line_ends_do_not_reach_the_shell()
    {
        var block = Assert.Single(ReadmeBlock.Read("```sh\r\necho 1\r\n```\r\n"));

        Assert.Equal("echo 1\n", block.Text);
    }

    [Fact]
    public void A_comment_directly_above_says_why_a_block_is_not_run()
    {
        var blocks = ReadmeBlock.Read(
            "<!-- not run: needs a cloud -->\n```sh\na\n```\n<!-- not run: too far above -->\n\n```sh\nb\n```\n");

        Assert.Equal(["needs a cloud", null], blocks.Select(block => block.NotRunBecause));
    }

    [Fact]
    public void A_comment_without_a_reason_is_refused()
    {
        Assert.Throws<FormatException>(() => ReadmeBlock.Read("<!-- not run: -->\n```sh\na\n```\n"));
    }

    [Fact]
    public void An_open_fence_is_refused()
    {
        Assert.Throws<FormatException>(() => ReadmeBlock.Read("```sh\necho 1\n"));
    }
}

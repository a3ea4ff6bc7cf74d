using Probity.Server.Access.Sessions;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class ClientNamesTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0 Safari/537.36", "Chrome on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/142.0 Safari/604.1", "Chrome on iPhone")]
    [InlineData("curl/8.5.0", "curl 8.5.0")]
    [InlineData("probity-cli", "probity-cli")]
    [InlineData("", "A program that gives no name")]
    [InlineData("   ", "A program that gives no name")]
    public void A_session_is_named_as_people_would(string userAgent, string expected) =>
        Assert.Equal(expected, ClientNames.Of(userAgent));
}

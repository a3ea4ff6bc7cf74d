using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Remembers in the browser that an account signed in from it: a keyed digest over account and day, good for 90 days. It
/// opens nothing; it only keeps strangers' failures from slowing the person down. Source: OWASP, device cookies.
/// </summary>
internal sealed class DeviceCookie(AccessKeys keys, TimeProvider time)
{
    private const int Days = 90;
    private const string SecureName = "__Host-probity-device";
    private const string PlainName = "probity-device";

    public bool IsKnown(HttpRequest request, string account)
    {
        var parts = (request.Cookies[Name(request)] ?? "").Split('.');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            && Today() - day is >= 0 and <= Days
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(parts[1]), Encoding.UTF8.GetBytes(Mac(account, day)));
    }

    public void Write(HttpContext context, string account)
    {
        var day = Today();
        var value = string.Create(CultureInfo.InvariantCulture, $"{day}.{Mac(account, day)}");
        context.Response.Cookies.Append(Name(context.Request), value, new CookieOptions
        {
            HttpOnly = true,
            Secure = context.Request.IsHttps,
            SameSite = SameSiteMode.Strict,
            Path = "/",
            MaxAge = TimeSpan.FromDays(Days),
            IsEssential = true,
        });
    }

    private int Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).DayNumber;

    private string Mac(string account, int day) => Base64Url.EncodeToString(HMACSHA256.HashData(
        keys.Device, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{day}\n{account}"))));

    private static string Name(HttpRequest request) => request.IsHttps ? SecureName : PlainName;
}

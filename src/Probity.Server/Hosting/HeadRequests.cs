namespace Probity.Server.Hosting;

/// <summary>
/// Answers HEAD wherever GET is answered, with the same headers and no body (RFC 9110 §9.3.2): routing sees GET, the
/// endpoint sees HEAD, and Kestrel leaves the body out.
/// </summary>
internal static class HeadRequests
{
    private static readonly object s_mark = new();

    public static void UseHeadRouting(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                context.Items[s_mark] = s_mark;
                context.Request.Method = HttpMethods.Get;
            }

            return next(context);
        });
        app.UseRouting();
        app.Use(static (context, next) =>
        {
            if (context.Items.ContainsKey(s_mark))
            {
                context.Request.Method = HttpMethods.Head;
            }

            return next(context);
        });
    }
}

using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.Users;

/// <summary>Refusals about users.</summary>
internal static class UserRefusal
{
    public static ProblemException Login() => Field("/login", "Give 1 to 200 printable ASCII characters without spaces.");

    public static ProblemException Field(string pointer, string detail) =>
        ProblemException.BadField(pointer, detail);
}

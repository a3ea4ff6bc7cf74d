using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// One row of <c>sign_in_lane</c>: the failures one node counted in a lane. A node writes only its own rows.
/// </summary>
internal sealed class SignInLaneRow
{
    /// <summary>A keyed digest of the lane: neither login nor address can be read from it.</summary>
    public required string Lane { get; init; }

    public required string Node { get; init; }

    public required long Failures { get; set; }

    public required DateTimeOffset Last { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<SignInLaneRow>(map =>
    {
        map.ToTable("sign_in_lane");
        map.HasKey(row => new { row.Lane, row.Node });
        map.Operational("Failed sign-ins have entries of their own; this only slows the next ones down on every node.");
    });
}

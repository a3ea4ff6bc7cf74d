using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// One row of <c>field_class</c>: one change of how a member is kept. Never changed; the newest one of a pointer is in
/// force, from the entry on that states it.
/// </summary>
internal sealed class FieldClassRow
{
    /// <summary><c>fcl_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>From 1, one more with each change of any member.</summary>
    public required int Version { get; init; }

    /// <summary>The member, as <see cref="ClassRule.Pointer"/>.</summary>
    public required string Pointer { get; init; }

    /// <summary>plain, encrypted, hashed or masked; <c>default</c> takes an earlier rule back.</summary>
    public required string Class { get; init; }

    public required string SetBy { get; init; }

    public required DateTimeOffset SetAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<FieldClassRow>(map =>
    {
        map.ToTable("field_class");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

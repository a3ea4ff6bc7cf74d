using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// Whether an entity's rows may change without an entry in the ledger. Every mapped entity declares one of the two; a
/// model test refuses an entity that declares none or both.
/// </summary>
internal static class AuditDeclarations
{
    /// <summary>
    /// The column of every audited table that names the entry of the row's last change. It is the concurrency token
    /// too: an update finds its row only if the row still is the after-state of the entry its before-state came from.
    /// </summary>
    public const string EntryId = "EntryId";

    private const string AuditedName = "Probity:Audited";
    private const string OperationalName = "Probity:Operational";
    private const string SecretName = "Probity:Secret";

    /// <summary>Rows change only together with an entry; adds the <see cref="EntryId"/> column.</summary>
    public static void Audited<T>(this EntityTypeBuilder<T> map)
        where T : class
    {
        map.Metadata.SetAnnotation(AuditedName, true);
        map.Property<string>(EntryId).IsRequired().IsConcurrencyToken();
    }

    /// <summary>Rows need no entry, for the reason given.</summary>
    public static void Operational<T>(this EntityTypeBuilder<T> map, string reason)
        where T : class => map.Metadata.SetAnnotation(OperationalName, Reason(reason));

    /// <summary>A member of an audited entity that may change without an entry, for the reason given.</summary>
    public static PropertyBuilder<T> Operational<T>(this PropertyBuilder<T> property, string reason)
    {
        property.Metadata.SetAnnotation(OperationalName, Reason(reason));
        return property;
    }

    /// <summary>A member whose value never enters an entry, like <see cref="SecretAttribute"/>.</summary>
    public static PropertyBuilder<T> Secret<T>(this PropertyBuilder<T> property)
    {
        property.Metadata.SetAnnotation(SecretName, true);
        return property;
    }

    /// <summary>Whether the member's value never enters an entry.</summary>
    public static bool IsSecret(this IReadOnlyProperty property) =>
        property.FindAnnotation(SecretName) is not null
        || property.PropertyInfo?.IsDefined(typeof(SecretAttribute), inherit: true) == true;

    public static bool IsAudited(this IReadOnlyEntityType entity) =>
        entity.GetRootType().FindAnnotation(AuditedName) is not null;

    /// <summary>Whether the entity declares itself or one of its members operational.</summary>
    public static bool IsOperational(this IReadOnlyAnnotatable declared) =>
        declared.FindAnnotation(OperationalName) is not null;

    /// <summary>The entities that declare neither or both, by name; empty for a sound model.</summary>
    public static IReadOnlyList<string> Undeclared(IReadOnlyModel model) =>
        [.. model.GetEntityTypes()
            .Where(e => !e.IsOwned() && e.IsAudited() == e.GetRootType().IsOperational())
            .Select(e => e.DisplayName())
            .Order(StringComparer.Ordinal)];

    private static string Reason(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return reason;
    }
}

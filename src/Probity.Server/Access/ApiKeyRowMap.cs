using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access;

/// <summary>Maps API keys to their table. Keys come and go with an entry; only the day of last use is noted without.</summary>
internal static class ApiKeyRowMap
{
    public static void Configure(ModelBuilder model) => model.Entity<ApiKeyRow>(map =>
    {
        map.ToTable("api_key");
        map.HasKey(row => row.Id);
        map.Audited();
        map.Property(row => row.Sha256).Secret();
        map.Property(row => row.LastUsedDay).Operational("The requests themselves are recorded; this is a convenience.");
    });
}

using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access;

/// <summary>Whether the person behind a key may still act: a key ends with its owner.</summary>
internal sealed class KeyOwners(Lazy<IDatabase> database)
{
    public async Task<bool> IsEnabledAsync(string personId, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        return await db.Set<UserRow>().AnyAsync(u => u.Id == personId && u.DisabledAt == null, cancellationToken);
    }
}

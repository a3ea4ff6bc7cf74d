using Probity.Server.Tests;
using Probity.Server.Tests.Docs;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Probity.Server.Tests;

/// <summary>
/// The commands of the README take minutes in one test: they begin first, so that the others go on beside them instead
/// of ending before.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName.Contains(
            nameof(ReadmeCommandsTests), StringComparison.Ordinal))];
}

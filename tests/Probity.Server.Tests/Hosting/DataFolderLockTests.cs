using Probity.Server.Hosting;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class DataFolderLockTests
{
    [Fact]
    public async Task A_held_folder_names_its_holder_and_refuses_another()
    {
        using var folder = new TemporaryFolder();
        using var held = await DataFolderLock.TryTakeAsync(folder.Path, CancellationToken.None);
        held!.Announce(new Uri("http://127.0.0.1:1234"));

        Assert.Equal(new LockHolder(Environment.ProcessId, "http://127.0.0.1:1234/"), DataFolderLock.FindHolder(folder.Path));
        Assert.Null(await DataFolderLock.TryTakeAsync(folder.Path, CancellationToken.None));
    }

    [Fact]
    public async Task A_file_left_behind_is_no_claim_even_if_its_process_id_lives()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("server.lock"), "");
        await File.WriteAllTextAsync(folder.At("server.json"), $$"""{"ProcessId":{{Environment.ProcessId}},"Url":"http://127.0.0.1:1/"}""");

        Assert.Null(DataFolderLock.FindHolder(folder.Path));
        using var taken = await DataFolderLock.TryTakeAsync(folder.Path, CancellationToken.None);
        Assert.NotNull(taken);
        Assert.Equal(LockHolder.Unknown, DataFolderLock.FindHolder(folder.Path));
    }

    [Fact]
    public async Task A_released_folder_is_free()
    {
        using var folder = new TemporaryFolder();
        (await DataFolderLock.TryTakeAsync(folder.Path, CancellationToken.None))!.Dispose();

        Assert.Null(DataFolderLock.FindHolder(folder.Path));
    }
}

using CoffreFort.Cryptography;
using CoffreFort.Server.Keys;

namespace CoffreFort.IntegrationTests;

/// <summary>One keyring for the tests to copy, with the keys of this month and two more: each takes a second or more to make.</summary>
internal static class TestKeyring
{
    private static readonly Lazy<Task<string>> Template = new(MakeAsync);

    /// <summary>Puts a copy into a new data folder.</summary>
    public static async Task CopyToAsync(string data)
    {
        var template = await Template.Value;
        var folder = Path.Combine(data, "keyring");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.GetFiles(template)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static async Task<string> MakeAsync()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("coffrefort-keyring-").FullName, "keyring");
        using var keyring = FileKeyring.OpenOrCreate(folder);
        var epoch = EpochEnd.Current(DateTimeOffset.UtcNow);
        await keyring.PrepareEpochAsync(epoch, default);
        await keyring.PrepareEpochAsync(EpochEnd.Next(epoch), default);
        await keyring.PrepareEpochAsync(EpochEnd.Next(EpochEnd.Next(epoch)), default);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        return folder;
    }
}

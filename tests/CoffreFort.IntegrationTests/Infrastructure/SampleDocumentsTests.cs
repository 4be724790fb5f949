namespace CoffreFort.IntegrationTests.Infrastructure;

public sealed class SampleDocumentsTests
{
    [Fact]
    public async Task the_samples_are_what_their_names_say()
    {
        var documents = await SampleDocuments.AllAsync();

        Assert.Equal(12, documents.Count);
        Assert.All(documents, path => Assert.Equal(SignatureOf(path), File.ReadAllBytes(path)[..4]));
    }

    [Fact]
    public async Task a_large_sample_has_its_size_and_holds_every_byte_value()
    {
        var path = await SampleDocuments.LargeAsync(1_000_003);

        Assert.Equal(1_000_003, new FileInfo(path).Length);
        Assert.Equal(256, File.ReadAllBytes(path).Distinct().Count());
    }

    private static byte[] SignatureOf(string path) => Path.GetExtension(path) switch
    {
        ".pdf" => "%PDF"u8.ToArray(),
        ".png" => [0x89, 0x50, 0x4E, 0x47],
        ".jpg" => [0xFF, 0xD8, 0xFF, 0xE0],
        var other => throw new InvalidOperationException($"{path}: {other} is no kind of sample"),
    };
}

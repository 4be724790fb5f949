using System.Text.Json;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Specs.Blobs;

public sealed class BlobNameSpecs
{
    private const string Written = "00f1e2d3c4b5a69788796a5b4c3d2e1f";

    [Fact]
    public void a_new_name_is_32_lower_case_hexadecimal_digits_and_reads_back()
    {
        var name = BlobName.New();
        Assert.Matches("^[0-9a-f]{32}$", name.ToString());
        Assert.True(BlobName.TryParse(name.ToString(), out var read));
        Assert.Equal(name, read);
    }

    [Fact]
    public void new_names_differ_in_every_byte_position()
    {
        var names = Enumerable.Range(0, 200).Select(_ => Convert.FromHexString(BlobName.New().ToString())).ToList();
        Assert.Equal(200, names.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(Enumerable.Range(0, 16), position => Assert.True(names.Select(name => name[position]).Distinct().Count() > 50));
    }

    [Fact]
    public void leading_zeros_are_kept() => Assert.Equal(Written, BlobName.Parse(Written).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("00f1e2d3c4b5a69788796a5b4c3d2e1")]
    [InlineData("00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    [InlineData("00F1E2D3C4B5A69788796A5B4C3D2E1F")]
    [InlineData(" 0f1e2d3c4b5a69788796a5b4c3d2e1f")]
    [InlineData("00f1e2d3c4b5a69788796a5b4c3d2e1\n")]
    [InlineData("0xf1e2d3c4b5a69788796a5b4c3d2e1f")]
    [InlineData("../../../../../../../etc/passwd/")]
    [InlineData("00f1e2d3c4b5a697/8796a5b4c3d2e1f")]
    [InlineData("00f1e2d3c4b5a69788796a5b4c3d2e1\0")]
    [InlineData("00f1e2d3c4b5a69788796a5b4c3d2e1１")]
    public void anything_but_the_written_form_is_refused(string text)
    {
        Assert.False(BlobName.TryParse(text, out var name));
        Assert.Equal(default, name);
        Assert.Throws<FormatException>(() => BlobName.Parse(text));
    }

    [Fact]
    public void json_holds_the_text()
    {
        var json = JsonSerializer.Serialize(BlobName.Parse(Written));
        Assert.Equal($"\"{Written}\"", json);
        Assert.Equal(BlobName.Parse(Written), JsonSerializer.Deserialize<BlobName>(json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<BlobName>("\"../secret\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<BlobName>("null"));
    }
}

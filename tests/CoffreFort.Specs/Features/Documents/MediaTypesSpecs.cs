using System.Text;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Specs.Features.Documents;

public sealed class MediaTypesSpecs
{
    [Theory]
    [InlineData("%PDF-1.7", "application/pdf")]
    [InlineData("GIF89a....", "image/gif")]
    [InlineData("PK\u0003\u0004", "application/zip")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'>", MediaTypes.Unknown)]
    [InlineData("<!DOCTYPE html><script>", MediaTypes.Unknown)]
    [InlineData("%PD", MediaTypes.Unknown)]
    [InlineData("", MediaTypes.Unknown)]
    public void a_document_is_what_its_first_bytes_say(string head, string type) => Assert.Equal(type, MediaTypes.Recognise(Encoding.Latin1.GetBytes(head)));

    [Fact]
    public void nothing_that_a_browser_could_run_is_ever_shown_in_place() =>
        Assert.All(MediaTypes.Previewable, type => Assert.True(type == "application/pdf" || (type.StartsWith("image/", StringComparison.Ordinal) && !type.Contains("svg", StringComparison.Ordinal))));
}

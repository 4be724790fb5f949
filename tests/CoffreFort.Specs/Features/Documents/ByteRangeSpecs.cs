using CoffreFort.Server.Features.Documents;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Specs.Features.Documents;

public sealed class ByteRangeSpecs
{
    private static readonly EntityTagHeaderValue Tag = new("\"v1-abc\"");

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=9-", 9, 1)]
    [InlineData("bytes=3-99999999999", 3, 7)]
    [InlineData("bytes=-4", 6, 4)]
    [InlineData("bytes=-11", 0, 10)]
    [InlineData("bytes=0-9223372036854775807", 0, 10)]
    public void one_range_is_honoured(string header, long offset, long length) => Assert.Equal(new ByteRange(offset, length, true), Of(header));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=9223372036854775807-")]
    public void a_range_outside_is_not_satisfiable(string header) => Assert.Null(Of(header));

    [Theory]
    [InlineData("")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=x")]
    [InlineData("bytes=99999999999999999999-")]
    public void anything_else_gives_the_whole(string header) => Assert.Equal(new ByteRange(0, 10, false), Of(header));

    [Theory]
    [InlineData("\"v1-abc\"", true)]
    [InlineData("W/\"v1-abc\"", false)]
    [InlineData("\"v2-abc\"", false)]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT", false)]
    public void a_range_counts_only_for_the_content_it_was_meant_for(string condition, bool partial) => Assert.Equal(partial, Of("bytes=0-1", condition)!.Value.IsPartial);

    [Fact]
    public void a_range_never_leaves_the_content() =>
        Prop.ForAll<NonNegativeInt, NonNegativeInt, PositiveInt>((from, to, size) =>
            Of($"bytes={from.Get}-{to.Get}", size: size.Get) is not { } range
            || (range.Offset >= 0 && range.Length > 0 && range.Offset + range.Length <= size.Get)).QuickCheckThrowOnFailure();

    private static ByteRange? Of(string header, string condition = "", long size = 10)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Range = header;
        if (condition.Length > 0) request.Headers.IfRange = condition;
        return ByteRange.Of(request, size, Tag);
    }
}

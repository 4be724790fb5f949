using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Cryptography;

public sealed class PooledBufferSpecs
{
    [Fact]
    public void everything_that_was_ever_written_is_cleared_before_the_array_goes_back()
    {
        var buffer = new PooledBuffer(5000);
        var all = buffer.Free;
        all.Span.Fill(7);
        buffer.Advance(5000);
        buffer.Reset();
        buffer.Advance(10);
        Assert.Equal(10, buffer.Written.Length);
        Assert.Equal(4990, buffer.Free.Length);
        buffer.Dispose();
        Assert.Equal(-1, all.Span.IndexOfAnyExcept((byte)0));
    }
}

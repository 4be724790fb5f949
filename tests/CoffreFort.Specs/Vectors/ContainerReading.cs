using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>A container through each interface: chunk by chunk (raw), as a stream, by ranges (random access), and verified without release.</summary>
internal static class ContainerReading
{
    public static IEnumerable<Outcome> All(VectorFile file) => [Raw(file), Stream(file), Ranges(file), Verified(file)];

    private static Outcome Raw(VectorFile file) => Collect("raw", file, (opener, released) =>
    {
        for (var index = 0L; index < opener.ChunkCount; index++)
        {
            var from = ContainerLayout.HeaderLength + (int)index * ContainerLayout.SealedChunkLength;
            var chunk = file.Input.AsSpan(from, Math.Min(ContainerLayout.SealedChunkLength, file.Input.Length - from));
            var plaintext = new byte[chunk.Length - ContainerLayout.TagLength];
            released.Write(plaintext.AsSpan(0, opener.OpenChunk(index, chunk, plaintext)));
        }
    });

    private static Outcome Stream(VectorFile file) => Collect("stream", file, (opener, released) => Read(file, opener, 0, opener.PlaintextLength, released));

    /// <summary>A chunk's worth after the other, each fetched anew; the last range reaches the end.</summary>
    private static Outcome Ranges(VectorFile file) => Collect("ranges", file, (opener, released) =>
    {
        var offset = 0L;
        do
        {
            var length = Math.Min(ContainerLayout.ChunkLength, opener.PlaintextLength - offset);
            Read(file, opener, offset, length, released);
            offset += length;
        }
        while (offset < opener.PlaintextLength);
    });

    /// <summary>Releases nothing; what it would have released is filled in when it holds.</summary>
    private static Outcome Verified(VectorFile file)
    {
        var opened = Raw(file);
        var outcome = Reading.Try("verification", () =>
        {
            using var key = SecretKey.CopyOf(file.Hex("key"));
            DocumentVerification.VerifyAsync(new MemoryStream(file.Input), file.Input.Length, key, Place(file)).GetAwaiter().GetResult();
            return [];
        });
        return outcome with { Released = opened.Released };
    }

    private static void Read(VectorFile file, ContainerOpener opener, long offset, long length, MemoryStream released)
    {
        var (from, count) = opener.SealedRange(offset, length);
        opener.OpenRangeAsync(new MemoryStream(file.Input, (int)from, (int)count), offset, length, released).GetAwaiter().GetResult();
    }

    private static Outcome Collect(string reader, VectorFile file, Action<ContainerOpener, MemoryStream> open)
    {
        using var released = new MemoryStream();
        var outcome = Reading.Try(reader, () =>
        {
            using var key = SecretKey.CopyOf(file.Hex("key"));
            using var opener = new ContainerOpener(key, Place(file).ContainerContext(), file.Input.AsSpan(0, Math.Min(file.Input.Length, ContainerLayout.HeaderLength)), file.Input.Length);
            open(opener, released);
            return [];
        });
        return outcome with { Released = released.ToArray() };
    }

    private static DocumentIdentity Place(VectorFile file) => new(file.Id("vault"), file.Id("document"), file.Number("version"));
}

using System.Buffers.Binary;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>A small parser with one bug: records of a tag, a length of two bytes and content, ended by FF. The fuzzing must find it, or it finds nothing.</summary>
internal static class PlantedParser
{
    private static readonly byte[] s_good = [1, 0, 3, 65, 66, 67, 2, 0, 1, 9, 3, 0, 0, 0xFF];

    public static FuzzedParser With(string bug) => new("planted", Shape.Bytes, [s_good, [.. s_good[..6], 0xFF]], input =>
    {
        try
        {
            return Read(input, bug) is { } records ? FuzzedParsers.Same(input, Write(records)) : Verdict.Refused;
        }
        catch (InvalidDataException)
        {
            return Verdict.Refused;
        }
    })
    {
        Base = 1 << 14,
    };

    private static List<(byte Tag, byte[] Content)>? Read(byte[] input, string bug)
    {
        List<(byte, byte[])> records = [];
        for (var at = 0; at < input.Length;)
        {
            if (input[at] == 0xFF) return at + 1 == input.Length || bug == "second-form" ? records : null;
            if (at + 3 > input.Length) return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 1));
            if (bug == "swelling") GC.KeepAlive(new byte[length]);
            if (bug == "hang" && length == 0x10) SpinWait.SpinUntil(() => false, 100);
            if (bug == "other-failure" && input[at] == 0x80) throw new FormatException();
            if (bug == "crash" && length > 0x7F00) GC.KeepAlive(input[at + 3 + length]);
            if (length > input.Length - at - 3) throw new InvalidDataException();
            records.Add((input[at], input.AsSpan(at + 3, length).ToArray()));
            at += 3 + length;
        }

        return null;
    }

    private static byte[] Write(List<(byte Tag, byte[] Content)> records) => [.. records.SelectMany(record => (byte[])[record.Tag, (byte)(record.Content.Length >> 8), (byte)(record.Content.Length & 0xFF), .. record.Content]), 0xFF];
}

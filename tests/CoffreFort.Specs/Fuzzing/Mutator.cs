using System.Buffers.Binary;
using System.Text;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>Makes inputs out of good ones. The same number gives the same input.</summary>
internal sealed class Mutator(FuzzedParser parser, int seed)
{
    private static readonly byte[] s_interesting = [0, 1, 0x7F, 0x80, 0x81, 0x84, 0xA0, 0xFE, 0xFF, 0x0A, 0x20, 0x30, 0x31];

    private static readonly string[] s_lines = ["", " ", "-1", "0", "00", "1e9", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "\u2014 ", "\u2014 a AAAAAQI=", "index 1", "extra AAAA", "AAAA", "=", "\u0000", "\r", "\uFEFF", "\uFF11", "\u2028"];

    private static readonly string[] s_tokens = ["null", "{}", "[]", "true", "-1", "0", "1e400", "1.5", "99999999999999999999", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "[[[[[[[[1]]]]]]]]", "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00Z\""];

    public byte[] Case(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) ^ number));
        // A few as they are: a run in which nothing is taken would prove nothing. A few that are nothing at all.
        if (random.Next(64) == 0) return Pick(random);
        if (random.Next(64) == 0) return Noise(random, random.Next(400));
        var bytes = Pick(random);
        for (var times = 1 + random.Next(random.Next(1, 6)); times > 0; times--) bytes = random.Next(10) < 6 ? Shaped(random, bytes) : Plain(random, bytes);
        return bytes;
    }

    private byte[] Pick(Random random) => parser.Seeds[random.Next(parser.Seeds.Count)];

    private byte[] Shaped(Random random, byte[] bytes) => parser.Shape switch
    {
        Shape.Der => DerMutation.Of(random, bytes, Pick(random)),
        Shape.Note => Parts(random, bytes, '\n', s_lines),
        Shape.Json => random.Next(3) == 0 ? Value(random, bytes) : Parts(random, bytes, ',', s_tokens),
        _ => Plain(random, bytes),
    };

    private byte[] Plain(Random random, byte[] bytes)
    {
        if (bytes.Length == 0) return Noise(random, random.Next(1, 40));
        var (at, count) = Range(random, bytes.Length);
        return random.Next(10) switch
        {
            0 or 1 => Changed(bytes, copy => copy[at] ^= (byte)(1 << random.Next(8))),
            2 => Changed(bytes, copy => copy[at] = s_interesting[random.Next(s_interesting.Length)]),
            3 => Number(random, bytes, at),
            4 => bytes[..at],
            5 => [.. bytes[..at], .. bytes[(at + count)..]],
            6 => [.. bytes[..(at + count)], .. bytes[at..]],
            7 => [.. bytes[..at], .. Noise(random, random.Next(1, 33)), .. bytes[at..]],
            8 => Splice(random, bytes, at, Pick(random)),
            _ => Changed(bytes, copy => random.NextBytes(copy.AsSpan(at, count))),
        };
    }

    private static byte[] Splice(Random random, byte[] bytes, int at, byte[] other) => other.Length == 0 ? bytes[..at] : [.. bytes[..at], .. other[random.Next(other.Length)..]];

    /// <summary>A number of two, four or eight bytes at the edge of something: lengths are such.</summary>
    private static byte[] Number(Random random, byte[] bytes, int at) => Changed(bytes, copy =>
    {
        long[] edges = [0, 1, -1, int.MaxValue, int.MinValue, long.MaxValue, 0xFFFF, 0x10000, bytes.Length, bytes.Length - 1, bytes.Length + 1];
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, edges[random.Next(edges.Length)]);
        var width = Math.Min(1 << random.Next(1, 4), copy.Length - at);
        number[^width..].CopyTo(copy.AsSpan(at));
    });

    private static byte[] Parts(Random random, byte[] bytes, char between, string[] dictionary)
    {
        var parts = Encoding.UTF8.GetString(bytes).Split(between).ToList();
        var at = random.Next(parts.Count);
        switch (random.Next(6))
        {
            case 0: parts.RemoveAt(at); break;
            case 1: parts.Insert(at, parts[at]); break;
            case 2: parts.Insert(at, dictionary[random.Next(dictionary.Length)]); break;
            case 3: parts[at] = dictionary[random.Next(dictionary.Length)]; break;
            case 4: parts.Insert(random.Next(parts.Count), parts[at]); break;
            default: parts[at] = parts[at].Insert(random.Next(parts[at].Length + 1), dictionary[random.Next(dictionary.Length)]); break;
        }

        return Encoding.UTF8.GetBytes(string.Join(between, parts));
    }

    /// <summary>What stands behind a colon is another value.</summary>
    private static byte[] Value(Random random, byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var from = text.IndexOf("\":", random.Next(text.Length + 1), StringComparison.Ordinal);
        if (from < 0) return bytes;
        var until = text.IndexOfAny([',', '}'], from);
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, from + 2), s_tokens[random.Next(s_tokens.Length)], until < 0 ? "" : text.AsSpan(until)));
    }

    private static byte[] Changed(byte[] bytes, Action<byte[]> change)
    {
        var copy = bytes.ToArray();
        change(copy);
        return copy;
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static (int At, int Count) Range(Random random, int length)
    {
        var at = random.Next(length);
        return (at, random.Next(2) == 0 ? Math.Min(random.Next(1, 17), length - at) : random.Next(length - at + 1));
    }
}

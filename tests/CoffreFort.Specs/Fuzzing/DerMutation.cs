namespace CoffreFort.Specs.Fuzzing;

/// <summary>Changes one value of a DER structure and puts the lengths around it right, or one length and leaves it wrong.</summary>
internal static class DerMutation
{
    public static byte[] Of(Random random, byte[] bytes, byte[] other)
    {
        if (Tree.Read(bytes) is not { Count: > 0 } roots) return bytes;
        var all = roots.SelectMany(root => root.All()).ToList();
        var one = all[random.Next(all.Count)];
        var foreign = Tree.Read(other).SelectMany(root => root.All()).ToList();
        Change(random, one, foreign.Count == 0 ? one : foreign[random.Next(foreign.Count)]);
        return [.. roots.SelectMany(root => root.Write())];
    }

    private static void Change(Random random, Tree one, Tree foreign)
    {
        switch (random.Next(14))
        {
            case 0: one.Tag ^= (byte)(1 << random.Next(8)); break;
            case 1: one.Tag = (byte)random.Next(256); break;
            case 2: one.Written = Form.Longer; break;
            case 3: one.Written = Form.Indefinite; break;
            case 4: one.Written = Form.Huge; break;
            case 5: one.Written = random.Next(2) == 0 ? Form.OneMore : Form.OneLess; break;
            case 6: one.Replace([]); break;
            case 7: one.Replace(foreign.Write()); break;
            case 8: one.Around = [.. foreign.Write()]; break;
            case 9: one.Twice = true; break;
            case 10: one.Left = true; break;
            case 11 when one.Children is { Count: > 1 } children: children.Reverse(random.Next(children.Count - 1), 2); break;
            case 12: one.Depth = random.Next(3) == 0 ? random.Next(2000) : 1; break;
            default: one.Replace(Content(random, one.Content)); break;
        }
    }

    private static byte[] Content(Random random, byte[] content)
    {
        if (content.Length == 0) return [(byte)random.Next(256)];
        var changed = content.ToArray();
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(4) switch { 0 => [0, .. content], 1 => [0xFF, .. content], 2 => content[..^1], _ => changed };
    }

    private enum Form
    {
        Right,
        Longer,
        Indefinite,
        Huge,
        OneMore,
        OneLess,
    }

    private sealed class Tree
    {
        public byte Tag { get; set; }

        public byte[] Content { get; private set; } = [];

        public List<Tree>? Children { get; private set; }

        public Form Written { get; set; }

        public bool Twice { get; set; }

        public bool Left { get; set; }

        public int Depth { get; set; }

        /// <summary>Stands in front of it.</summary>
        public byte[] Around { get; set; } = [];

        /// <summary>As far as it is DER with tags of one byte; octet strings that hold some are taken apart too.</summary>
        public static List<Tree> Read(ReadOnlySpan<byte> bytes, int depth = 0)
        {
            List<Tree> trees = [];
            while (bytes.Length >= 2 && Header(bytes) is var (header, length) && length <= bytes.Length - header)
            {
                var tree = new Tree { Tag = bytes[0], Content = bytes.Slice(header, length).ToArray(), Length = header + length };
                var holds = (tree.Tag & 0x20) != 0 || tree.Tag is 0x04 && length > 4;
                if (holds && depth < 40 && Read(tree.Content, depth + 1) is { Count: > 0 } children && children.Sum(child => child.Length) == length) tree.Children = children;
                trees.Add(tree);
                bytes = bytes[(header + length)..];
            }

            return bytes.IsEmpty ? trees : [];
        }

        private int Length { get; set; }

        public IEnumerable<Tree> All() => Children is null ? [this] : Children.SelectMany(child => child.All()).Prepend(this);

        public void Replace(byte[] content) => (Content, Children) = (content, null);

        public byte[] Write()
        {
            if (Left) return [];
            var content = Children is null ? Content : [.. Children.SelectMany(child => child.Write())];
            byte[] written = [Tag, .. Prefix(content.Length), .. content];
            if (Written == Form.Indefinite) written = [.. written, 0, 0];
            for (var level = 0; level < Depth; level++) written = [0x30, .. Plain(written.Length), .. written];
            return [.. Around, .. written, .. Twice ? written : []];
        }

        private byte[] Prefix(int length) => Written switch
        {
            Form.Longer => [0x84, 0, (byte)(length >> 16), (byte)(length >> 8 & 0xFF), (byte)(length & 0xFF)],
            Form.Indefinite => [0x80],
            Form.Huge => [0x84, 0x7F, 0xFF, 0xFF, 0xFF],
            Form.OneMore => Plain(length + 1),
            Form.OneLess => Plain(Math.Max(0, length - 1)),
            _ => Plain(length),
        };

        private static byte[] Plain(int length) => length switch
        {
            < 0x80 => [(byte)length],
            < 0x100 => [0x81, (byte)length],
            < 0x10000 => [0x82, (byte)(length >> 8), (byte)(length & 0xFF)],
            _ => [0x83, (byte)(length >> 16), (byte)(length >> 8 & 0xFF), (byte)(length & 0xFF)],
        };

        private static (int Header, int Length) Header(ReadOnlySpan<byte> bytes)
        {
            if (bytes[1] < 0x80) return (2, bytes[1]);
            var count = bytes[1] & 0x7F;
            if (count is 0 or > 3 || bytes.Length < 2 + count) return (2, int.MaxValue);
            var length = 0;
            foreach (var digit in bytes.Slice(2, count)) length = length << 8 | digit;
            return (2 + count, length);
        }
    }
}

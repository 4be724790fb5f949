using System.Formats.Asn1;

namespace CoffreFort.Specs.Vectors;

/// <summary>A DER value that can be taken apart and put together wrongly.</summary>
internal sealed class DerNode
{
    public required byte Tag { get; set; }

    /// <summary>Of a primitive value.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Of a constructed one.</summary>
    public List<DerNode>? Children { get; private init; }

    public DerNode this[int index]
    {
        get => Children![index];
        set => Children![index] = value;
    }

    public static DerNode Parse(ReadOnlyMemory<byte> bytes) => ParseAll(bytes).Single();

    public static DerNode Of(byte tag, params byte[] content) => new() { Tag = tag, Content = content };

    public static DerNode Sequence(params DerNode[] children) => new() { Tag = 0x30, Children = [.. children] };

    public static DerNode Oid(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return Parse(writer.Encode());
    }

    /// <summary>As DER wants a SET OF: in the order of its values' bytes.</summary>
    public void Sort() => Children!.Sort((left, right) => left.Encode().AsSpan().SequenceCompareTo(right.Encode()));

    public byte[] Encode()
    {
        var content = Children is null ? Content : [.. Children.SelectMany(child => child.Encode())];
        return [Tag, .. Length(content.Length), .. content];
    }

    private static IEnumerable<DerNode> ParseAll(ReadOnlyMemory<byte> bytes)
    {
        for (var reader = new AsnReader(bytes, AsnEncodingRules.DER); reader.HasData;)
        {
            var tag = reader.PeekTag();
            var first = reader.PeekEncodedValue().Span[0];
            var content = reader.PeekContentBytes();
            reader.ReadEncodedValue();
            yield return tag.IsConstructed ? new DerNode { Tag = first, Children = [.. ParseAll(content)] } : new DerNode { Tag = first, Content = content.ToArray() };
        }
    }

    private static byte[] Length(int length) => length switch
    {
        < 0x80 => [(byte)length],
        < 0x100 => [0x81, (byte)length],
        < 0x10000 => [0x82, (byte)(length >> 8), (byte)(length & 0xFF)],
        _ => [0x83, (byte)(length >> 16), (byte)(length >> 8 & 0xFF), (byte)(length & 0xFF)],
    };
}

using System.Formats.Asn1;

namespace CoffreFort.Cryptography.Cms;

/// <summary>The signed attribute that says what a sealed copy holds (docs/spec/sealed-copy.md §3).</summary>
/// <param name="Profile">What it holds.</param>
/// <param name="Description">The envelope with the document's description; empty in the key profile, which describes itself.</param>
internal sealed record SealedCopyHeader(SealedCopyProfile Profile, ReadOnlyMemory<byte> Description)
{
    private const int Format = 1;

    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Format);
            writer.WriteInteger((int)Profile);
            if (!Description.IsEmpty) writer.WriteOctetString(Description.Span);
        }

        return writer.Encode();
    }

    public static SealedCopyHeader Read(ReadOnlyMemory<byte> header) => StrictReading.Read(header, "a sealed copy", outer => StrictReading.Within(outer.ReadSequence(), reader =>
    {
        reader.Expect(Format);
        if (!reader.TryReadInt32(out var number)) throw new AsnContentException();
        return (SealedCopyProfile)number switch
        {
            SealedCopyProfile.Document when reader.ReadOctets() is { IsEmpty: false } description => new SealedCopyHeader(SealedCopyProfile.Document, description),
            SealedCopyProfile.Key => new SealedCopyHeader(SealedCopyProfile.Key, default),
            _ => throw new AsnContentException(),
        };
    }));
}

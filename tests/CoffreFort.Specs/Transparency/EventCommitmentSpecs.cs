using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Transparency;

/// <summary>The expected values were computed outside .NET, by Python's struct, uuid and hashlib, from the bytes written out here.</summary>
public class EventCommitmentSpecs
{
    private static readonly Guid Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid Stream = Guid.Parse("019a0b1c-2d3e-7f40-8152-637485960718");

    /// <summary>
    /// "coffrefort/event/v1\n" ‖ sequence 0x0102030405060708 ‖ id ‖ stream ‖ version 7 ‖ 2026-01-01T00:00:00.000001Z ‖
    /// 18, document_deposited ‖ 24, {"title":"Déclaration"} with é in two bytes ‖ 14, {"actor":"u1"}.
    /// </summary>
    private const string CanonicalBytes = """
        636f66667265666f72742f6576656e742f76310a010203040506070800112233
        445566778899aabbccddeeff019a0b1c2d3e7f40815263748596071800000000
        00000007000647484620400100000012646f63756d656e745f6465706f736974
        6564000000187b227469746c65223a2244c3a9636c61726174696f6e227d0000
        000e7b226163746f72223a227531227d
        """;

    [Fact]
    public void a_commitment_is_the_hash_of_exactly_the_canonical_bytes()
    {
        byte[] canonical = Convert.FromHexString(CanonicalBytes.ReplaceLineEndings(""));
        Assert.Equal("853bdfd525b1119bda4bdd1f7a2aaf4e601d276f2cb1d58eea2e8c83f3227872", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(canonical)));

        Assert.Equal(
            "853bdfd525b1119bda4bdd1f7a2aaf4e601d276f2cb1d58eea2e8c83f3227872",
            Commitment(0x0102030405060708, 7, 1767225600000001, "document_deposited", """{"title":"Déclaration"}""", """{"actor":"u1"}"""));
    }

    [Fact]
    public void missing_headers_have_length_zero_and_a_time_before_1970_is_negative() =>
        Assert.Equal("63d0c56f9172af52c1707772402bf826be2090688f6cb99351e2dc44416ceab0", Commitment(1, 1, -1, "t", "{}", ""));

    [Fact]
    public void an_event_larger_than_the_stack_buffer_is_hashed_whole() =>
        Assert.Equal(
            "e070d65cb1fb626ee6a8d0b937b044a7e7bbc701cb71bbcdb22bc9cfc77b9d93",
            Commitment(1, 1, 0, "t", new string('x', 5000), new string('y', 70000)));

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    public void the_stack_buffer_and_the_rented_one_agree_where_they_meet(int length)
    {
        byte[] data = new byte[length - 88];
        byte[] canonical =
        [
            .. "coffrefort/event/v1\n"u8, .. new byte[7], 1, .. new byte[32], .. new byte[7], 1, .. new byte[14],
            (byte)(data.Length >> 8), (byte)(data.Length & 0xff), .. data, .. new byte[4],
        ];
        Assert.Equal(length, canonical.Length);

        var destination = new byte[EventCommitment.Length];
        EventCommitment.Compute(1, Guid.Empty, Guid.Empty, 1, 0, default, data, default, destination);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(canonical), destination);
    }

    [Fact]
    [Trait("Requirement", "R-209")]
    public void every_field_is_covered_and_no_byte_can_move_from_one_text_to_the_next()
    {
        string[] commitments =
        [
            Commitment(1, 1, 0, "ab", "cd", "ef"), Commitment(2, 1, 0, "ab", "cd", "ef"), Commitment(1, 2, 0, "ab", "cd", "ef"),
            Commitment(1, 1, 1, "ab", "cd", "ef"), Commitment(1, 1, 0, "a", "bcd", "ef"), Commitment(1, 1, 0, "abc", "d", "ef"),
            Commitment(1, 1, 0, "ab", "c", "def"), Commitment(1, 1, 0, "ab", "cde", "f"), Commitment(1, 1, 0, "ab", "cdef", ""),
            Commitment(1, 1, 0, "ab", "cd", "ef", id: Stream), Commitment(1, 1, 0, "ab", "cd", "ef", stream: Id),
        ];
        Assert.Equal(commitments.Length, commitments.Distinct().Count());
    }

    [Fact]
    public void a_negative_sequence_or_version_and_a_short_destination_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Commitment(-1, 1, 0, "t", "{}", ""));
        Assert.Throws<ArgumentOutOfRangeException>(() => Commitment(1, -1, 0, "t", "{}", ""));
        Assert.Throws<ArgumentException>(() => EventCommitment.Compute(1, Id, Stream, 1, 0, "t"u8, "{}"u8, default, new byte[31]));
    }

    private static string Commitment(long sequence, long version, long timestamp, string type, string data, string headers, Guid? id = null, Guid? stream = null)
    {
        var destination = new byte[EventCommitment.Length];
        EventCommitment.Compute(
            sequence, id ?? Id, stream ?? Stream, version, timestamp,
            Encoding.UTF8.GetBytes(type), Encoding.UTF8.GetBytes(data), Encoding.UTF8.GetBytes(headers), destination);
        return Convert.ToHexStringLower(destination);
    }
}

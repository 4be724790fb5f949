using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoffreFort.Transparency;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Transparency;

/// <summary>The proof vectors of transparency-dev/merkle, good and broken ones.</summary>
public class MerkleVectorSpecs(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_public_inclusion_vector_is_judged_as_its_authors_say() => RunAll("inclusion", 98, vector =>
        InclusionProof.Verify(Integer(vector, "leafIdx"), Integer(vector, "treeSize"), Bytes(vector, "leafHash"), Proof(vector), Bytes(vector, "root")));

    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_public_consistency_vector_is_judged_as_its_authors_say() => RunAll("consistency", 98, vector =>
        ConsistencyProof.Verify(Integer(vector, "size1"), Integer(vector, "size2"), Root(vector, "root1"), Root(vector, "root2"), Proof(vector)));

    private void RunAll(string folder, int expected, Func<JsonElement, bool> verify)
    {
        if (!PublicVectors.Available(output)) return;
        var wrong = new List<string>();
        int run = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(PublicVectors.Folder!, "merkle", folder), "*.json", SearchOption.AllDirectories))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            bool shouldHold = !document.RootElement.GetProperty("wantErr").GetBoolean();
            if (verify(document.RootElement) != shouldHold) wrong.Add($"{file} should {(shouldHold ? "hold" : "be refused")}");
            run++;
        }

        Assert.Empty(wrong);
        PublicVectors.AssertAllRun(output, $"merkle/{folder}", run, expected);
    }

    // Some vectors count below zero in 64 unsigned bits.
    private static long Integer(JsonElement vector, string name) => unchecked((long)vector.GetProperty(name).GetUInt64());

    private static byte[] Bytes(JsonElement vector, string name) => vector.GetProperty(name).GetBytesFromBase64();

    /// <summary>Where the vectors put words in a root's place ("don't care 1"), a hash of them, since a root of another length is always refused here.</summary>
    private static byte[] Root(JsonElement vector, string name)
    {
        byte[] root = Bytes(vector, name);
        return Encoding.ASCII.GetString(root).StartsWith("don't care", StringComparison.Ordinal) ? SHA256.HashData(root) : root;
    }

    private static byte[][] Proof(JsonElement vector)
    {
        var proof = vector.GetProperty("proof");
        return proof.ValueKind == JsonValueKind.Null ? [] : [.. proof.EnumerateArray().Select(hash => hash.GetBytesFromBase64())];
    }
}

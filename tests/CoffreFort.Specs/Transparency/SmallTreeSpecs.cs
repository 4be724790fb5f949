using CoffreFort.Transparency;

namespace CoffreFort.Specs.Transparency;

/// <summary>Every proof there is in trees of up to 256 leaves: made, verified, and broken in ten ways.</summary>
public class SmallTreeSpecs
{
    private const int Largest = 256;
    private const int Ways = 10;
    private static readonly byte[][] Leaves = Trees.Leaves(Largest + 2);
    private static readonly byte[][] Roots = [.. Enumerable.Range(0, Largest + 3).Select(size => Trees.NaiveRoot(Leaves.AsSpan(0, size)))];
    private static readonly byte[][][] Nodes = NodesByLevel();

    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_leaf_of_every_tree_is_proved_and_ten_ways_to_break_the_proof_are_refused() => Parallel.For(1, Largest + 1, size =>
    {
        for (int index = 0; index < size; index++)
        {
            byte[][] proof = InclusionProof.Create(index, size, Node);
            Assert.True(InclusionProof.Verify(index, size, Leaves[index], proof, Roots[size]), $"leaf {index} of {size}");
            bool[] passed =
            [
                Verify(index, size, Trees.Flipped(Leaves[index], index), proof, Roots[size]),
                Verify(index, size, Leaves[index], proof, Trees.Flipped(Roots[size], index)),
                Verify(index, size, Leaves[index], proof, Roots[size + 1]),
                Verify(index, index, Leaves[index], proof, Roots[size]),
                Verify(index + 1, size, Leaves[index], proof, Roots[size]),
                .. BrokenProofs(proof, index).Select(broken => Verify(index, size, Leaves[index], broken, Roots[size])),
            ];
            Refused(passed, $"leaf {index} of {size}");
        }
    });

    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_two_sizes_are_proved_consistent_and_ten_ways_to_break_the_proof_are_refused() => Parallel.For(1, Largest + 1, second =>
    {
        for (int first = 1; first <= second; first++)
        {
            byte[][] proof = ConsistencyProof.Create(first, second, Node);
            Assert.True(ConsistencyProof.Verify(first, second, Roots[first], Roots[second], proof), $"{first} in {second}");
            bool[] passed =
            [
                ConsistencyProof.Verify(first, second, Trees.Flipped(Roots[first], first - 1), Roots[second], proof),
                ConsistencyProof.Verify(first, second, Roots[first], Trees.Flipped(Roots[second], first - 1), proof),
                ConsistencyProof.Verify(first, second, Roots[first], Roots[second + 1], proof),
                ConsistencyProof.Verify(first - 1, second, Roots[first], Roots[second], proof),
                ConsistencyProof.Verify(first + 1, second, Roots[first], Roots[second], proof),
                .. BrokenProofs(proof, first - 1).Select(broken => ConsistencyProof.Verify(first, second, Roots[first], Roots[second], broken)),
            ];
            Refused(passed, $"{first} in {second}");
        }
    });

    private static bool Verify(long index, long size, byte[] leaf, byte[][] proof, byte[] root) => InclusionProof.Verify(index, size, leaf, proof, root);

    private static void Refused(bool[] passed, string which)
    {
        Assert.Equal(Ways, passed.Length);
        Assert.True(Array.IndexOf(passed, true) < 0, $"{which}: broken in way {Array.IndexOf(passed, true)}, and it passed");
    }

    /// <summary>A bit, one too many at the end and in front, one too few, two in each other's place; where a proof has too few for that, one that doesn't belong.</summary>
    private static IEnumerable<byte[][]> BrokenProofs(byte[][] proof, int bit)
    {
        byte[] stranger = Trees.Flipped(new byte[MerkleHash.Length], bit);
        yield return [.. proof, stranger];
        yield return [stranger, .. proof];
        yield return proof.Length == 0 ? [stranger, stranger] : proof[..^1];
        yield return proof.Length == 0 ? [new byte[MerkleHash.Length - 1]] : [.. proof[..(bit % proof.Length)], Trees.Flipped(proof[bit % proof.Length], bit), .. proof[(bit % proof.Length + 1)..]];
        yield return proof.Length < 2 ? [.. proof, []] : [.. proof[..^2], proof[^1], proof[^2]];
    }

    private static byte[] Node(int level, long index) => Nodes[level][index];

    private static byte[][][] NodesByLevel()
    {
        var levels = new List<byte[][]> { Leaves };
        while (levels[^1].Length > 1)
        {
            byte[][] below = levels[^1];
            levels.Add([.. Enumerable.Range(0, below.Length / 2).Select(i => Trees.NaiveRoot([below[2 * i], below[2 * i + 1]]))]);
        }

        return [.. levels];
    }
}

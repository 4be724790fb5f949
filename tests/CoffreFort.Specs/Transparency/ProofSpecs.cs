using System.Numerics;
using CoffreFort.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Transparency;

public class ProofSpecs
{
    private const int Largest = 64;
    private static readonly byte[][] Leaves = Trees.Leaves(Largest + 1);
    private static readonly byte[][] Roots = [.. Enumerable.Range(0, Largest + 1).Select(size => Trees.NaiveRoot(Leaves.AsSpan(0, size)))];

    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_leaf_of_every_small_tree_is_proved_and_every_broken_proof_refused()
    {
        for (int size = 1; size <= Largest; size++)
        {
            for (int index = 0; index < size; index++)
            {
                byte[][] proof = InclusionProof.Create(index, size, Leaves);
                Assert.True(InclusionProof.Verify(index, size, Leaves[index], proof, Roots[size]), $"leaf {index} of {size}");

                Assert.DoesNotContain(Broken(proof), broken => InclusionProof.Verify(index, size, Leaves[index], broken, Roots[size]));
                Assert.False(InclusionProof.Verify(index, size, Trees.Flipped(Leaves[index]), proof, Roots[size]));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index], proof, Trees.Flipped(Roots[size], 255)));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index], proof, Roots[size - 1]));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index].AsSpan(0, 31), proof, Roots[size]));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index], proof, [.. Roots[size], 0]));
                foreach (long other in (long[])[-1, index - 1, index + 1, size, index + (1L << 32), long.MaxValue])
                    Assert.False(InclusionProof.Verify(other, size, Leaves[index], proof, Roots[size]), $"leaf {index} of {size} passed as {other}");
                foreach (long other in (long[])[0, -1, long.MinValue, long.MaxValue, index])
                    Assert.False(InclusionProof.Verify(index, other, Leaves[index], proof, Roots[size]), $"leaf {index} of {size} passed in {other}");
            }
        }
    }

    [Fact]
    [Trait("Requirement", "R-210")]
    public void every_two_sizes_are_proved_consistent_and_every_broken_proof_refused()
    {
        for (int second = 1; second <= Largest; second++)
        {
            for (int first = 1; first <= second; first++)
            {
                byte[][] proof = ConsistencyProof.Create(first, second, Leaves);
                Assert.True(ConsistencyProof.Verify(first, second, Roots[first], Roots[second], proof), $"{first} in {second}");

                Assert.DoesNotContain(Broken(proof), broken => ConsistencyProof.Verify(first, second, Roots[first], Roots[second], broken));
                Assert.False(ConsistencyProof.Verify(first, second, Trees.Flipped(Roots[first]), Roots[second], proof));
                Assert.False(ConsistencyProof.Verify(first, second, Roots[first], Trees.Flipped(Roots[second], 255), proof));
                Assert.False(ConsistencyProof.Verify(first, second, Roots[first].AsSpan(0, 31), Roots[second], proof));
                Assert.False(ConsistencyProof.Verify(first, second, Roots[first], [.. Roots[second], 0], proof));
                if (first != second) Assert.False(ConsistencyProof.Verify(second, first, Roots[second], Roots[first], proof));
                foreach (long other in (long[])[0, -1, long.MinValue, first - 1, first + 1, long.MaxValue])
                    Assert.False(ConsistencyProof.Verify(other, second, Roots[first], Roots[second], proof), $"{first} in {second} passed as {other}");
            }
        }
    }

    /// <summary>Elements beyond the claimed tree's height would hash on to the root of the larger tree that they come from.</summary>
    [Fact]
    public void a_leaf_of_a_larger_tree_cannot_pass_as_the_last_of_a_smaller_one()
    {
        Assert.False(InclusionProof.Verify(0, 1, Leaves[1], InclusionProof.Create(1, 2, Leaves), Roots[2]));
        Assert.False(InclusionProof.Verify(1, 2, Leaves[3], InclusionProof.Create(3, 4, Leaves), Roots[4]));
        Assert.False(InclusionProof.Verify(2, 3, Leaves[7], InclusionProof.Create(7, 8, Leaves), Roots[8]));
    }

    [Fact]
    public void a_history_that_was_rewritten_has_no_proof()
    {
        for (int first = 1; first < 20; first++)
        {
            byte[][] rewritten = [.. Leaves[..20]];
            rewritten[first - 1] = Trees.Flipped(rewritten[first - 1]);
            byte[][] proof = ConsistencyProof.Create(first, 20, rewritten);
            Assert.False(ConsistencyProof.Verify(first, 20, Roots[first], Trees.NaiveRoot(rewritten), proof));
        }
    }

    [Fact]
    public void proofs_between_any_sizes_hold_and_stay_within_their_bounds() =>
        Prop.ForAll(Gen.Choose(1, 2000).Two().ToArbitrary(), pair =>
        {
            var (first, second) = (Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2));
            byte[][] leaves = Trees.Leaves(second);
            byte[] root = Trees.FrontierOf(leaves).Root();
            int height = BitOperations.Log2((uint)second) + 1;
            byte[][] inclusion = InclusionProof.Create(first - 1, second, leaves);
            byte[][] consistency = ConsistencyProof.Create(first, second, leaves);
            return inclusion.Length <= height && consistency.Length <= height + 1
                && InclusionProof.Verify(first - 1, second, leaves[first - 1], inclusion, root)
                && ConsistencyProof.Verify(first, second, Trees.FrontierOf(leaves[..first]).Root(), root, consistency);
        }).QuickCheckThrowOnFailure();

    /// <summary>A tree too large to hold: all leaves are alike, so a perfect subtree's hash depends on its level alone.</summary>
    [Fact]
    public void a_tree_of_trillions_of_leaves_is_proved_from_perfect_subtrees_within_it()
    {
        const long first = 1_000_000_000_039, second = 9_007_199_254_740_993;
        var byLevel = new List<byte[]> { Trees.Leaf([]) };
        for (int level = 0; level < 62; level++)
        {
            var parent = new byte[MerkleHash.Length];
            MerkleHash.Node(byLevel[level], byLevel[level], parent);
            byLevel.Add(parent);
        }

        byte[] Node(int level, long index)
        {
            Assert.InRange((index + 1) << level, 1L << level, second);
            return byLevel[level];
        }

        byte[] firstRoot = Frontier(first).Root(), secondRoot = Frontier(second).Root();
        Assert.True(ConsistencyProof.Verify(first, second, firstRoot, secondRoot, ConsistencyProof.Create(first, second, Node)));
        foreach (long index in (long[])[0, first, second / 2, second - 2, second - 1])
            Assert.True(InclusionProof.Verify(index, second, byLevel[0], InclusionProof.Create(index, second, Node), secondRoot));

        Frontier Frontier(long size) => CoffreFort.Transparency.Frontier.FromBytes(
            size, Enumerable.Range(0, 63).Reverse().Where(level => (size >> level & 1) == 1).SelectMany(level => byLevel[level]).ToArray());
    }

    [Fact]
    public void what_cannot_be_proved_is_not_attempted()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Create(0, 0, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Create(-1, 5, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Create(5, 5, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Create(0, Leaves.Length + 1, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsistencyProof.Create(0, 5, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsistencyProof.Create(6, 5, Leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsistencyProof.Create(1, Leaves.Length + 1, Leaves));
    }

    [Fact]
    public void a_missing_proof_or_a_missing_hash_is_refused_without_a_fault()
    {
        Assert.False(InclusionProof.Verify(0, 1, Leaves[0], null!, Roots[1]));
        Assert.False(InclusionProof.Verify(0, 2, Leaves[0], [null!], Roots[2]));
        Assert.False(ConsistencyProof.Verify(1, 1, Roots[1], Roots[1], null!));
        Assert.False(ConsistencyProof.Verify(1, 2, Roots[1], Roots[2], [null!]));
    }

    private static IEnumerable<byte[][]> Broken(byte[][] proof)
    {
        yield return [.. proof, new byte[MerkleHash.Length]];
        yield return [.. proof, []];
        yield return [new byte[MerkleHash.Length], .. proof];
        if (proof.Length == 0) yield break;
        yield return [];
        yield return proof[1..];
        yield return proof[..^1];
        yield return [.. proof, proof[^1]];
        for (int i = 0; i < proof.Length; i++)
        {
            yield return [.. proof[..i], Trees.Flipped(proof[i], i), .. proof[(i + 1)..]];
            yield return [.. proof[..i], proof[i][..31], .. proof[(i + 1)..]];
            yield return [.. proof[..i], [.. proof[i], 0], .. proof[(i + 1)..]];
            if (i > 0) yield return [.. proof[..(i - 1)], proof[i], proof[i - 1], .. proof[(i + 1)..]];
        }
    }
}

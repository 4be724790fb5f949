using CoffreFort.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Transparency;

public class FrontierSpecs
{
    /// <summary>The leaves and roots that Certificate Transparency's reference implementation tests with.</summary>
    [Fact]
    public void the_roots_of_the_reference_trees_are_reproduced()
    {
        string[] leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        string[] roots =
        [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        var frontier = Frontier.Empty;
        Assert.Equal(roots[0], Convert.ToHexStringLower(frontier.Root()));
        for (int i = 0; i < leaves.Length; i++)
        {
            frontier.Append(Trees.Leaf(Convert.FromHexString(leaves[i])));
            Assert.Equal(roots[i + 1], Convert.ToHexStringLower(frontier.Root()));
        }
    }

    [Fact]
    public void the_root_equals_the_naive_one_at_every_size_and_survives_storage()
    {
        byte[][] leaves = Trees.Leaves(300);
        var frontier = Frontier.Empty;
        for (int size = 0; size <= leaves.Length; size++)
        {
            Assert.Equal(size, frontier.Size);
            Assert.Equal(Trees.NaiveRoot(leaves.AsSpan(0, size)), frontier.Root());
            frontier = Frontier.FromBytes(size, frontier.ToBytes());
            Assert.Equal(Trees.NaiveRoot(leaves.AsSpan(0, size)), frontier.Root());
            if (size < leaves.Length) frontier.Append(leaves[size]);
        }
    }

    [Fact]
    public void the_largest_subtree_is_stored_first()
    {
        byte[][] leaves = Trees.Leaves(7);
        byte[] expected = [.. Trees.NaiveRoot(leaves.AsSpan(0, 4)), .. Trees.NaiveRoot(leaves.AsSpan(4, 2)), .. leaves[6]];
        Assert.Equal(expected, Trees.FrontierOf(leaves).ToBytes());
    }

    [Fact]
    public void any_leaves_in_any_two_portions_give_the_naive_root() =>
        Prop.ForAll<byte[][], int>((datas, cut) =>
        {
            byte[][] leaves = [.. datas.Select(data => Trees.Leaf(data ?? []))];
            int portion = leaves.Length == 0 ? 0 : Math.Abs(cut % leaves.Length);
            var first = Trees.FrontierOf(leaves[..portion]);
            var resumed = Frontier.FromBytes(first.Size, first.ToBytes());
            foreach (byte[] leaf in leaves[portion..]) resumed.Append(leaf);
            return resumed.Root().SequenceEqual(Trees.NaiveRoot(leaves));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_clone_and_its_original_do_not_feel_each_other()
    {
        byte[][] leaves = Trees.Leaves(6);
        var original = Trees.FrontierOf(leaves[..5]);
        byte[] before = original.Root();
        var clone = original.Clone();
        clone.Append(leaves[5]);
        Assert.Equal(before, original.Root());
        Assert.Equal(5, original.Size);
        Assert.Equal(Trees.NaiveRoot(leaves), clone.Root());
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(1, 0)]
    [InlineData(3, 32)]
    [InlineData(4, 64)]
    [InlineData(7, 95)]
    [InlineData(long.MaxValue, 62 * 32)]
    public void bytes_that_do_not_fit_the_size_are_refused(long size, int length) =>
        Assert.Throws<ArgumentException>(() => Frontier.FromBytes(size, new byte[length]));

    [Fact]
    public void a_negative_size_a_short_leaf_and_one_leaf_too_many_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Frontier.FromBytes(-1, new byte[64 * 32]));
        Assert.Throws<ArgumentException>(() => Frontier.Empty.Append(new byte[31]));
        var full = Frontier.FromBytes(long.MaxValue, new byte[63 * 32]);
        Assert.Throws<OverflowException>(() => full.Append(new byte[32]));
        Assert.Equal(long.MaxValue, full.Size);
    }

    [Fact]
    public void a_leaf_longer_than_the_stack_buffer_hashes_as_any_other()
    {
        foreach (int length in (int[])[0, 254, 255, 256, 10_000])
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(new byte[length + 1]), Trees.Leaf(new byte[length]));
    }
}

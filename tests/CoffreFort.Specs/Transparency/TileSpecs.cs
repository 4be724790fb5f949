using CoffreFort.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Transparency;

public class TileSpecs
{
    private static readonly byte[][] Leaves = Trees.Leaves(70_000);

    [Theory]
    [InlineData("0/000", 0, 0L, 256)]
    [InlineData("0/x001/x234/067", 0, 1_234_067L, 256)]
    [InlineData("3/x001/000.p/1", 3, 1000L, 1)]
    [InlineData("63/999.p/255", 63, 999L, 255)]
    [InlineData("1/x009/x223/x372/x036/x854/x775/807", 1, long.MaxValue, 256)]
    public void a_tile_has_one_path(string path, int level, long index, int width)
    {
        var tile = new TileCoordinates(level, index, width);
        Assert.Equal(path, tile.ToString());
        Assert.True(TileCoordinates.TryParse(path, out TileCoordinates read, out bool entries));
        Assert.Equal((tile, false), (read, entries));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0/")]
    [InlineData("/000")]
    [InlineData("00/000")]
    [InlineData("64/000")]
    [InlineData("-1/000")]
    [InlineData("+0/000")]
    [InlineData("0/0")]
    [InlineData("0/0000")]
    [InlineData("0/x000/000")]
    [InlineData("0/x000/067")]
    [InlineData("0/001/000")]
    [InlineData("0/x001")]
    [InlineData("0/X001/000")]
    [InlineData("0/x1/000")]
    [InlineData("0/x001//000")]
    [InlineData("0/000/")]
    [InlineData("0/000.p")]
    [InlineData("0/000.p/")]
    [InlineData("0/000.p/0")]
    [InlineData("0/000.p/01")]
    [InlineData("0/000.p/256")]
    [InlineData("0/000.p/-1")]
    [InlineData("0/000.p/1/")]
    [InlineData("0/000.p/1.p/1")]
    [InlineData("0/000.P/1")]
    [InlineData("0/ 00")]
    [InlineData("0/٠٠٠")]
    [InlineData("0/x009/x223/x372/x036/x854/x775/808")]
    [InlineData("0/x999/x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("Entries/000")]
    [InlineData("entries")]
    [InlineData("entries/0/000")]
    [InlineData(null)]
    public void any_other_path_is_refused(string? path) => Assert.False(TileCoordinates.TryParse(path, out _, out _));

    [Fact]
    public void paths_are_read_as_they_were_written_and_changed_ones_as_what_they_say() => Prop.ForAll(
        (from level in Gen.Choose(0, 63)
         from scale in Gen.Choose(0, 62)
         from index in Gen.Choose(0, int.MaxValue)
         from width in Gen.Choose(1, 256)
         from at in Gen.Choose(0, 100)
         from character in Gen.Elements<char>([.. "0123456789x/.p-+ "])
         select (Tile: new TileCoordinates(level, ((long)index << 32 | (uint)index) >> scale, width), at, character)).ToArbitrary(),
        sample =>
        {
            string path = sample.Tile.ToString();
            string changed = $"{path[..(sample.at % path.Length)]}{sample.character}{path[(sample.at % path.Length + 1)..]}";
            return TileCoordinates.TryParse(path, out TileCoordinates read, out bool entries) && read == sample.Tile && !entries
                && (!TileCoordinates.TryParse(changed, out read, out entries) || (entries ? read.ToEntriesPath() : read.ToString()) == changed);
        }).QuickCheckThrowOnFailure();

    /// <summary>C2SP tlog-tiles' own example.</summary>
    [Fact]
    public void a_tree_of_70000_has_the_tiles_that_the_specification_counts()
    {
        Assert.Equal(273, Enumerable.Range(0, 400).Count(index => TileCoordinates.WidthIn(0, index, 70_000) == 256));
        Assert.Equal(1, Enumerable.Range(0, 400).Count(index => TileCoordinates.WidthIn(1, index, 70_000) == 256));
        Assert.Equal(["0/273.p/112", "1/001.p/17", "2/000.p/1"], TileCoordinates.PartialTiles(70_000).Select(tile => tile.ToString()));
        Assert.Equal(["1/000.p/1"], TileCoordinates.PartialTiles(256).Select(tile => tile.ToString()));
        Assert.Equal(0, TileCoordinates.WidthIn(0, 274, 70_000));
        Assert.Equal(0, TileCoordinates.WidthIn(60, 0, long.MaxValue));
        Assert.Equal(127, TileCoordinates.WidthIn(7, 0, long.MaxValue));
    }

    [Theory]
    [Trait("Requirement", "R-210")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(70_000)]
    public async Task from_tiles_alone_a_client_proves_leaves_and_history(int size)
    {
        var checkpoint = new Checkpoint("log.test", size, Trees.FrontierOf(Leaves.Take(size)).Root());
        var tiles = new VerifiedTiles(checkpoint, (tile, _) => Task.FromResult(Serve(tile)));
        foreach (int index in new[] { 0, 1, 200, 255, 256, 511, 65_279, 65_535, 65_536, size - 1 }.Where(index => index >= 0 && index < size))
        {
            Assert.True(await tiles.ContainsAsync(index, Leaves[index]));
            Assert.False(await tiles.ContainsAsync(index, Trees.Flipped(Leaves[index])));
            byte[][] inclusion = await tiles.InclusionProofAsync(index), consistency = await tiles.ConsistencyProofAsync(index + 1);
            Assert.True(InclusionProof.Verify(index, size, Leaves[index], inclusion, checkpoint.Root.Span));
            Assert.True(ConsistencyProof.Verify(index + 1, size, Trees.FrontierOf(Leaves.Take(index + 1)).Root(), checkpoint.Root.Span, consistency));
        }

        Assert.False(await tiles.ContainsAsync(size, Leaves[0]));
        await Assert.ThrowsAsync<ArgumentException>(() => tiles.ReadAsync(new TileCoordinates(0, (size / 256) + 1)));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(65_800)]
    public async Task a_tile_that_was_changed_anywhere_is_never_used(int size)
    {
        var checkpoint = new Checkpoint("log.test", size, Trees.FrontierOf(Leaves.Take(size)).Root());
        var asked = new HashSet<TileCoordinates>();
        var honest = new VerifiedTiles(checkpoint, (tile, _) => { asked.Add(tile); return Task.FromResult(Serve(tile)); });
        await honest.ReadAsync(new TileCoordinates(0, 0));
        Assert.NotEmpty(asked);
        foreach (TileCoordinates target in asked)
        {
            foreach (int at in new[] { 0, (target.Width * 32) - 1 })
            {
                var lying = new VerifiedTiles(checkpoint, (tile, _) => Task.FromResult(tile == target ? Trees.Flipped(Serve(tile), at * 8) : Serve(tile)));
                await Assert.ThrowsAsync<InvalidDataException>(() => lying.ReadAsync(new TileCoordinates(0, 0)));
            }

            var cutting = new VerifiedTiles(checkpoint, (tile, _) => Task.FromResult(tile == target ? Serve(tile)[1..] : Serve(tile)));
            await Assert.ThrowsAsync<InvalidDataException>(() => cutting.ReadAsync(new TileCoordinates(0, 0)));
        }
    }

    [Fact]
    public void a_bundle_holds_its_entries_and_nothing_else()
    {
        byte[] bundle = EntryBundle.Format([new byte[32], Array.Empty<byte>(), new byte[] { 7 }]);
        Assert.Equal([32, 0, 1], EntryBundle.Parse(bundle, 3)!.Select(entry => entry.Length));
        Assert.Equal([0, 32], bundle[..2]);
        foreach (int width in new[] { 0, 1, 2, 4 }) Assert.Null(EntryBundle.Parse(bundle, width));
        Assert.Null(EntryBundle.Parse(bundle.AsMemory(..^1), 3));
        Assert.Null(EntryBundle.Parse((byte[])[.. bundle, 0], 3));
        Assert.Throws<OverflowException>(() => EntryBundle.Format([new byte[65_536]]));
    }

    [Fact]
    public void a_portable_proof_is_verified_offline_and_only_for_its_leaf()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        string text = new Checkpoint("log.test", 300, Trees.FrontierOf(Leaves.Take(300)).Root()).ToString();
        var proof = new TlogProof(123, InclusionProof.Create(123, 300, Leaves), new SignedNote(text, [EcdsaNote.Sign(text, "log.test", key)]));
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(proof.ToString());
        NoteVerifierKey trusted = EcdsaNote.VerifierKey("log.test", key);
        Assert.True(TlogProof.Parse(bytes)!.TryVerify(BitConverter.GetBytes(123), trusted));
        Assert.False(TlogProof.Parse(bytes)!.TryVerify(BitConverter.GetBytes(124), trusted));
        for (int at = 0; at < bytes.Length; at++)
            Assert.False(TlogProof.Parse(Trees.Flipped(bytes, at * 8))?.TryVerify(BitConverter.GetBytes(123), trusted) == true, $"byte {at}");
    }

    private static byte[] Serve(TileCoordinates tile)
    {
        var hashes = new List<byte[]>();
        long span = 1L << (8 * tile.Level);
        for (long i = (tile.Index * 256); i < (tile.Index * 256) + tile.Width; i++)
            hashes.Add(Trees.FrontierOf(Leaves.Skip((int)(i * span)).Take((int)span)).Root());
        return [.. hashes.SelectMany(hash => hash)];
    }
}

using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Vectors;

/// <summary>The files of tests/vectors, each through every reader that takes it: the class of failure, and all that was released before.</summary>
public sealed class VectorSpecs(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<VectorFile, IEnumerable<Outcome>>> s_readers = new()
    {
        ["container"] = ContainerReading.All,
        ["wrapped-key"] = file => [Reading.WrappedKey(file)],
        ["personal-envelope"] = file => [Reading.PersonalEnvelope(file)],
        ["sealed-document"] = file => [Reading.SealedDocument(file)],
        ["sealed-key"] = file => [Reading.SealedKey(file)],
        ["receipt"] = file => [Reading.Receipt(file)],
        ["note"] = file => [Reading.Note(file)],
        ["checkpoint"] = file => [Reading.Checkpoint(file)],
        ["timestamp"] = file => [Reading.Timestamp(file)],
        ["timestamp-reply"] = file => [Reading.TimestampReply(file)],
    };

    public static TheoryData<string> Formats => [.. s_readers.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    [Trait("Requirement", "R-340")]
    public void each_vector_has_its_class_and_releases_what_it_says(string format)
    {
        var files = VectorFile.Of(format).ToList();
        List<string> faults = [];
        foreach (var file in files)
            foreach (var outcome in s_readers[format](file))
                if (outcome.Fault != file.Fault || Vector.HashOf(outcome.Released) != file.Released)
                    faults.Add($"{file}, {outcome.Reader}: {outcome.Fault ?? "opens"} with {outcome.Released.Length} bytes released, instead of {file.Fault ?? "opens"} with those of {file.Released[..8]}…");
        output.WriteLine($"{files.Count} vectors of {format}, {files.Count(file => file.Fault is not null)} of them failures");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Contains(files, file => file.Fault is null);
        Assert.Contains(files, file => file.Fault is not null);
    }

    [Fact]
    public void there_are_two_hundred_failures_and_more_and_no_file_that_nobody_reads()
    {
        Assert.InRange(VectorFile.All.Count(file => file.Fault is not null), 200, int.MaxValue);
        Assert.Equal([.. s_readers.Keys.Order()], VectorFile.All.Select(file => file.Format).Distinct().Order());
        Assert.All(VectorFile.All, file => Assert.Equal(file.Format, Path.GetFileName(Path.GetDirectoryName(file.Path))));
    }

    /// <summary>Each class of failure that a specification names has a file.</summary>
    [Fact]
    public void each_class_of_failure_has_a_vector()
    {
        // Nothing is read of what is too long, and a file of 25 MiB would say no more.
        string[] spared = [nameof(CmsFault.TooLarge), nameof(TimestampFault.Nonce), nameof(TimestampFault.Time)];
        var wanted = Enum.GetNames<CmsFault>().Concat(Enum.GetNames<TimestampFault>()).Append(nameof(CryptographicFailure)).Except(spared);
        Assert.Empty(wanted.Except(VectorFile.All.Select(file => file.Fault!)));
    }

    [Fact]
    public void the_files_are_what_the_generator_makes()
    {
        var write = Environment.GetEnvironmentVariable("COFFREFORT_WRITE_VECTORS") is { Length: > 0 };
        Vector[] vectors =
        [
            .. ContainerVectors.All(), .. WrappedKeyVectors.All(), .. EnvelopeVectors.All(), .. SealedCopyVectors.All(), .. ReceiptVectors.All(), .. NoteVectors.All(), .. TimestampVectors.All(),
        ];
        Assert.Equal(vectors.Length, vectors.DistinctBy(vector => vector.Path).Count());
        foreach (var vector in vectors)
        {
            if (write) Directory.CreateDirectory(Path.GetDirectoryName(vector.Path)!);
            if (write) File.WriteAllText(vector.Path, vector.Write());
            Assert.True(File.Exists(vector.Path) && File.ReadAllText(vector.Path) == vector.Write(), $"{vector.Format}/{vector.Name} is another one: run scripts/make-vectors, and look at what changed.");
        }

        var gone = Directory.EnumerateFiles(Vector.Folder, "*.json", SearchOption.AllDirectories).Except(vectors.Select(vector => vector.Path)).ToList();
        if (write) gone.ForEach(File.Delete);
        else Assert.Empty(gone);
    }
}

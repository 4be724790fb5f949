using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.IntegrationTests.Secrecy;

/// <summary>Texts that exist nowhere else, and a search for them in whatever form a program may have written them down.</summary>
/// <remarks>All begin with one mark that is drawn anew each time: who finds no mark has missed no canary.</remarks>
internal sealed class Canaries
{
    private const int WindowLength = 4 << 20;

    private readonly List<(string Form, byte[] Bytes)> needles;
    private readonly int longest;

    public Canaries(int count)
    {
        Mark = $"canari{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        All = [.. Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Mark}n{number:d3}"))];
        needles = [.. Forms(Mark)];
        longest = needles.Max(needle => needle.Bytes.Length);
    }

    public IReadOnlyList<string> All { get; }

    /// <summary>What all begin with; short enough for the shortest field.</summary>
    public string Mark { get; }

    /// <summary>Every file below a folder that has a canary in its name or content, with the form; and how many bytes were looked at.</summary>
    public (List<string> Hits, long Bytes) Search(string folder)
    {
        var hits = new List<string>();
        var bytes = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            // A name tells as much as a content.
            hits.AddRange(Find(Encoding.UTF8.GetBytes(path)).Select(form => $"{path}: its name, {form}"));
            bytes += SearchFile(path, hits);
        }

        return (hits, bytes);
    }

    private long SearchFile(string path, List<string> hits)
    {
        // PostgreSQL removes files while it runs, and its socket is none.
        if (!File.Exists(path) || new FileInfo(path).Length == 0) return 0;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        var window = new byte[WindowLength + longest];
        var (kept, total) = (0, 0L);
        while (file.Read(window, kept, WindowLength) is > 0 and var read)
        {
            hits.AddRange(Find(window.AsSpan(0, kept + read)).Select(form => $"{path}: {form}"));
            total += read;
            // A hit may lie across two windows.
            var carried = Math.Min(longest - 1, kept + read);
            window.AsSpan(kept + read - carried, carried).CopyTo(window);
            kept = carried;
        }

        return total;
    }

    private List<string> Find(ReadOnlySpan<byte> bytes)
    {
        var found = new List<string>();
        foreach (var (form, needle) in needles)
            if (bytes.IndexOf(needle) >= 0) found.Add(form);
        return found;
    }

    private static IEnumerable<(string Form, byte[] Bytes)> Forms(string mark)
    {
        var utf8 = Encoding.UTF8.GetBytes(mark);
        yield return ("UTF-8", utf8);
        yield return ("UTF-8 in capitals", Encoding.UTF8.GetBytes(mark.ToUpperInvariant()));
        // Little-endian or big-endian: they differ in where the zeros around it begin.
        yield return ("UTF-16", Encoding.Unicode.GetBytes(mark)[..^1]);
        yield return ("hexadecimal", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8)));
        yield return ("hexadecimal in capitals", Encoding.ASCII.GetBytes(Convert.ToHexString(utf8)));
        for (var alignment = 0; alignment < 3; alignment++)
            yield return ($"base64 at {alignment}", Encoding.ASCII.GetBytes(Base64(utf8, alignment)));
    }

    /// <summary>The characters that depend on the mark alone, whatever stands before and after it; letters and digits, so the same in base64url.</summary>
    private static string Base64(byte[] mark, int alignment)
    {
        var encoded = Convert.ToBase64String([.. new byte[alignment], .. mark]);
        var first = alignment == 0 ? 0 : alignment + 1;
        return encoded[first..((alignment + mark.Length) * 8 / 6)];
    }
}

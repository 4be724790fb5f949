using System.Buffers.Text;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>
/// Reads one dictionary of a PDF file (ISO 32000-2 §7.3) where it stands, as far as its own entries go: what is nested is passed over. Whatever is not well formed is no dictionary.
/// </summary>
internal ref struct PdfDictionary
{
    private const int MostEntries = 64;
    private const int Deepest = 16;

    private readonly ReadOnlySpan<byte> _pdf;
    private int _at;

    private PdfDictionary(ReadOnlySpan<byte> pdf, int at)
    {
        _pdf = pdf;
        _at = at;
    }

    /// <summary>The entries, each name with the range that its value's text takes in the file; null when no dictionary stands there, or a name stands twice.</summary>
    public static Dictionary<string, Range>? Read(ReadOnlySpan<byte> pdf, int at)
    {
        var reader = new PdfDictionary(pdf, at);
        reader.SkipSpace();
        return reader.ReadEntries();
    }

    public static bool IsSpace(byte one) => one is 0 or 9 or 10 or 12 or 13 or 32;

    private static bool IsDelimiter(byte one) => one is (byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%';

    private readonly bool Stands(ReadOnlySpan<byte> token) => _pdf[_at..].StartsWith(token);

    private void SkipSpace()
    {
        while (_at < _pdf.Length && IsSpace(_pdf[_at])) _at++;
    }

    private Dictionary<string, Range>? ReadEntries()
    {
        if (!Stands("<<"u8)) return null;
        _at += 2;
        var entries = new Dictionary<string, Range>();
        for (SkipSpace(); !Stands(">>"u8); SkipSpace())
        {
            if (_at >= _pdf.Length || entries.Count == MostEntries || _pdf[_at] != '/') return null;
            var from = ++_at;
            SkipWord();
            var name = _pdf[from.._at];
            // A name with an escape may stand for another one.
            if (name.IsEmpty || name.Contains((byte)'#') || name.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return null;
            SkipSpace();
            var begin = _at;
            if (!SkipValue(0) || !entries.TryAdd(System.Text.Encoding.ASCII.GetString(name), begin.._at)) return null;
        }

        _at += 2;
        return entries;
    }

    private bool SkipValue(int depth)
    {
        if (_at >= _pdf.Length || depth > Deepest) return false;
        if (Stands("<<"u8)) return SkipNested("<<"u8, ">>"u8, depth);
        switch (_pdf[_at])
        {
            case (byte)'[': return SkipNested("["u8, "]"u8, depth);
            case (byte)'(': return SkipText();
            case (byte)'<': return SkipHex();
            case (byte)'/':
                _at++;
                SkipWord();
                return true;
            default:
                return SkipWord() && SkipReference();
        }
    }

    /// <summary>An array, or a dictionary that is not looked into.</summary>
    private bool SkipNested(ReadOnlySpan<byte> open, ReadOnlySpan<byte> close, int depth)
    {
        _at += open.Length;
        for (SkipSpace(); !Stands(close); SkipSpace())
            if (!SkipValue(depth + 1)) return false;
        _at += close.Length;
        return true;
    }

    private bool SkipText()
    {
        for (var open = 0; _at < _pdf.Length; _at++)
        {
            if (_pdf[_at] == '\\') _at++;
            else if (_pdf[_at] == '(') open++;
            else if (_pdf[_at] == ')' && --open == 0)
            {
                _at++;
                return true;
            }
        }

        return false;
    }

    private bool SkipHex()
    {
        var end = _pdf[_at..].IndexOf((byte)'>');
        if (end < 0 || _pdf.Slice(_at + 1, end - 1).ContainsAnyExcept(s_hexDigits)) return false;
        _at += end + 1;
        return true;
    }

    private bool SkipWord()
    {
        var from = _at;
        while (_at < _pdf.Length && !IsSpace(_pdf[_at]) && !IsDelimiter(_pdf[_at])) _at++;
        return _at > from;
    }

    /// <summary>A number may be the first of three words that name another object.</summary>
    private bool SkipReference()
    {
        var rest = _pdf[_at..];
        var window = rest[..Math.Min(rest.Length, 24)];
        var from = window.IndexOfAnyExcept(s_spaces);
        if (from <= 0 || !Utf8Parser.TryParse(window[from..], out uint _, out var used)) return true;
        var behind = window[(from + used)..];
        var word = behind.IndexOfAnyExcept(s_spaces);
        if (word > 0 && behind[word] == 'R' && (behind.Length == word + 1 || IsSpace(behind[word + 1]) || IsDelimiter(behind[word + 1]))) _at += from + used + word + 1;
        return true;
    }

    private static readonly System.Buffers.SearchValues<byte> s_hexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly System.Buffers.SearchValues<byte> s_spaces = System.Buffers.SearchValues.Create([0, 9, 10, 12, 13, 32]);
}

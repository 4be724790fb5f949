namespace CoffreFort.Cryptography.Cms;

/// <summary>What a sealed copy says of the document in it, for its recipient alone.</summary>
/// <param name="FileName">A bare file name of 1 to 255 bytes in UTF-8: see <see cref="IsFileName"/>.</param>
/// <param name="MediaType">Such as <c>application/pdf</c>; at most 127 characters of ASCII.</param>
/// <param name="Document">The document.</param>
/// <param name="Version">The version of its content.</param>
/// <param name="ConsentEvent">The event that holds the consent under which the copy was made.</param>
public sealed record SealedFile(string FileName, string MediaType, Guid Document, uint Version, Guid ConsentEvent)
{
    private const int LongestName = 255;
    private const int LongestMediaType = 127;

    /// <summary>
    /// Whether a name can be that of a file in the recipient's folder and no other: no separator of any system, no control or formatting character (one that reverses
    /// the direction of writing can disguise an ending), not <c>.</c> or <c>..</c>, no blank at an end.
    /// </summary>
    /// <param name="name">The name.</param>
    public static bool IsFileName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > 0 && name is not ("." or "..") && name.Trim() == name && name.IsVisible()
            && System.Text.Encoding.UTF8.GetByteCount(name) <= LongestName && name.IndexOfAny(['/', '\\', ':', '*', '?', '"', '<', '>', '|']) < 0;
    }

    internal bool IsSound => IsFileName(FileName) && MediaType.Length is > 0 and <= LongestMediaType && MediaType.All(letter => letter is > ' ' and < '\x7f');
}

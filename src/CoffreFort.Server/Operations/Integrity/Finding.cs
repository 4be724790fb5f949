namespace CoffreFort.Server.Operations.Integrity;

/// <summary>One thing that a check has to say. Never a personal text: tables, keys of rows, names of columns and files.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Area">One of <see cref="Areas"/>.</param>
/// <param name="Thing">The row (table and key) or the file.</param>
/// <param name="What">What is the matter with it.</param>
public sealed record Finding(string Kind, string Area, string Thing, string What)
{
    /// <summary>The line that is printed: one, whatever a damaged name holds.</summary>
    public override string ToString() =>
        string.Concat($"{Kind}: {Area}: {Thing}: {What}".Select(letter => char.IsControl(letter) ? $"\\u{(int)letter:x4}" : $"{letter}"));

    public static class Kinds
    {
        public const string Damaged = "damaged";

        /// <summary>Nothing refers to it: left over, to be swept.</summary>
        public const string Garbage = "garbage";

        /// <summary>It was not compared, and why.</summary>
        public const string Unchecked = "unchecked";
    }
}

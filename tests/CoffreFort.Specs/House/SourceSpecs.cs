using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CoffreFort.Specs.House;

/// <summary>What a reader can hold: files, methods and names.</summary>
public partial class SourceSpecs
{
    private const int LongestFile = 300;
    private const int LongestMethod = 40;

    [Fact]
    public void no_file_is_too_long_to_read_in_one_go() => SourceTree.AssertNone(
        from path in SourceTree.Code
        let lines = File.ReadLines(Path.Combine(SourceTree.Root, path)).Count()
        where lines > LongestFile
        select $"{path}: {lines} lines", $"A file has at most {LongestFile} lines. Split it by what its parts are about, not by their length.");

    [Fact]
    public void no_method_is_too_long_to_see_at_once() => SourceTree.AssertNone(
        from path in SourceTree.Code
        from member in Root(path).DescendantNodes()
        where member is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax or BasePropertyDeclarationSyntax { AccessorList: null }
        let first = Line(Signature(member))
        let lines = Line(member.GetLastToken()) - first + 1
        where lines > LongestMethod
        select $"{path}:{first}: {lines} lines", $"A method has at most {LongestMethod} lines from its signature to its end. Give a part of it a name of its own.");

    [Fact]
    public void no_name_says_nothing() => SourceTree.AssertNone(
        from path in SourceTree.Code
        from declaration in Root(path).DescendantNodes()
        let name = declaration switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            BaseNamespaceDeclarationSyntax @namespace => @namespace.Name.ToString(),
            _ => "",
        }
        where SaysNothing().IsMatch(name)
        select $"{path}:{Line(declaration.GetFirstToken())}: {name}",
        "No type or namespace is a Manager, Helper, Service or Util, and none is named Core or Common: name what it is or does, in the field's standard terms.");

    // A helper and a service are also people and offices here: these words are refused where they end a name, the others anywhere.
    [GeneratedRegex(@"(Helper|Service)s?(?=$|\.)|(Manager|Util|Utils|Utility|Utilities|Core|Common)s?(?![a-z])")]
    private static partial Regex SaysNothing();

    private static SyntaxNode Root(string path) => CSharpSyntaxTree.ParseText(SourceTree.Text(path)).GetRoot();

    private static int Line(SyntaxToken token) => token.GetLocation().GetLineSpan().EndLinePosition.Line + 1;

    private static SyntaxToken Signature(SyntaxNode member) =>
        member.ChildNodesAndTokens().SkipWhile(child => child.IsKind(SyntaxKind.AttributeList)).First() is var child && child.IsNode
            ? child.AsNode()!.GetFirstToken()
            : child.AsToken();
}

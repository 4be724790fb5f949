using System.Text.Json;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>axe-core's rules for WCAG 2.2, levels A and AA.</summary>
internal static class Accessibility
{
    private const string Run =
        """
        async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })).violations
          .map(one => `${one.id}: ${one.nodes.map(node => `${node.target} (${node.failureSummary})`).join(' | ')}`)
        """;

    private static readonly Lazy<string> axe = new(() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "axe.min.js")));

    /// <summary>Each line names a broken rule and the elements that break it.</summary>
    public static async Task<IEnumerable<string>> ViolationsAsync(IPage page)
    {
        await page.EvaluateAsync(axe.Value);
        return (await page.EvaluateAsync<JsonElement>(Run)).EnumerateArray().Select(one => one.GetString()!);
    }
}

using System.Globalization;
using System.Resources;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web;

/// <summary>French is the key and the default; English comes from the resource. French punctuation gets its non-breaking spaces here, so that nobody types them.</summary>
public sealed class Localizer : IStringLocalizer<Texts>
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    private readonly ResourceManager english = new("CoffreFort.Server.Resources.Texts", typeof(Texts).Assembly);

    public LocalizedString this[string name]
    {
        get
        {
            var (text, missing) = Find(name);
            return new LocalizedString(name, text, missing);
        }
    }

    public LocalizedString this[string name, params object[] arguments]
    {
        get
        {
            var (text, missing) = Find(name);
            return new LocalizedString(name, arguments.Length == 0 ? text : string.Format(CultureInfo.CurrentCulture, text, arguments), missing);
        }
    }

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures)
    {
        var set = english.GetResourceSet(English, createIfNotExists: true, tryParents: false);
        foreach (System.Collections.DictionaryEntry entry in set!)
            yield return new LocalizedString((string)entry.Key, (string)entry.Value!);
    }

    private (string Text, bool Missing) Find(string french)
    {
        if (CultureInfo.CurrentUICulture.TwoLetterISOLanguageName != "en")
            return (Typography.French(french), false);
        var found = english.GetString(french, English);
        return (found ?? french, found is null);
    }
}

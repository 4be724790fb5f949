namespace CoffreFort.Server.Catalogue;

/// <summary>The same words in French, which comes first, and in English.</summary>
public sealed record LocalizedText(string Fr, string En);

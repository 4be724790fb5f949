using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>A kind of evidence that the vault knows how to ask for, to date and to keep.</summary>
/// <param name="Code">English kebab-case, never reused for something else.</param>
/// <param name="WhatCounts">What the administration takes as this evidence, and what not.</param>
/// <param name="Freshness">The usual demand; a procedure's requirement may override it. All listed shapes must hold.</param>
/// <param name="StatedDates">What the depositor may state, since no machine reads it for certain.</param>
/// <param name="PeriodUnit">How the period label is written, when there is one.</param>
/// <param name="MachineChecks">What a machine could verify on the document, by name ("2d-doc-01", "mrz"); empty when nothing.</param>
/// <param name="Retention">How long a person is advised to keep it; null when the source gives no time.</param>
public sealed record EvidenceType(
    string Code,
    LocalizedText Name,
    LocalizedText WhatCounts,
    EvidenceFamily Family,
    Sensitivity Sensitivity,
    IssuerKind Issuer,
    IReadOnlyList<Freshness> Freshness,
    ExpiryRule Expiry,
    IReadOnlyList<StatedDate> StatedDates,
    IReadOnlyList<string> MachineChecks,
    RetentionHint? Retention,
    IReadOnlyList<Rule> Rules,
    PeriodUnit? PeriodUnit = null);

[JsonConverter(typeof(JsonStringEnumConverter<EvidenceFamily>))]
public enum EvidenceFamily
{
    [JsonStringEnumMemberName("identity")] Identity,
    [JsonStringEnumMemberName("home")] Home,
    [JsonStringEnumMemberName("income")] Income,
    [JsonStringEnumMemberName("family")] Family,
    [JsonStringEnumMemberName("school")] School,
    [JsonStringEnumMemberName("health")] Health,
    [JsonStringEnumMemberName("service")] Service,
}

/// <summary>How much a document gives away.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Sensitivity>))]
public enum Sensitivity
{
    /// <summary>Ordinary.</summary>
    [JsonStringEnumMemberName("S1")] Ordinary = 1,

    /// <summary>Financial or family.</summary>
    [JsonStringEnumMemberName("S2")] FinancialOrFamily = 2,

    /// <summary>Health, justice, defence.</summary>
    [JsonStringEnumMemberName("S3")] HealthJusticeOrDefence = 3,
}

[JsonConverter(typeof(JsonStringEnumConverter<IssuerKind>))]
public enum IssuerKind
{
    [JsonStringEnumMemberName("state")] State,
    [JsonStringEnumMemberName("commune")] Commune,
    [JsonStringEnumMemberName("tax-administration")] TaxAdministration,
    [JsonStringEnumMemberName("family-benefits-fund")] FamilyBenefitsFund,
    [JsonStringEnumMemberName("armed-forces")] ArmedForces,
    [JsonStringEnumMemberName("employer")] Employer,
    [JsonStringEnumMemberName("bank")] Bank,
    [JsonStringEnumMemberName("school")] School,
    [JsonStringEnumMemberName("health-professional")] HealthProfessional,
    [JsonStringEnumMemberName("utility-landlord-or-insurer")] UtilityLandlordOrInsurer,
}

[JsonConverter(typeof(JsonStringEnumConverter<StatedDate>))]
public enum StatedDate
{
    [JsonStringEnumMemberName("issuedOn")] IssuedOn,
    [JsonStringEnumMemberName("expiresOn")] ExpiresOn,
    [JsonStringEnumMemberName("period")] Period,
}

/// <summary>Whether the document itself ends, whatever a procedure asks.</summary>
/// <param name="PrintedDate">True when an end date stands on the document.</param>
public sealed record ExpiryRule(bool PrintedDate, LocalizedText Text);

/// <summary>How long a person is advised to keep their own copy.</summary>
/// <param name="Months">Null when it is for ever or until an event; the text then says which.</param>
public sealed record RetentionHint(int? Months, LocalizedText Text, Rule Rule);

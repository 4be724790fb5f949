using System.Security.Cryptography;
using CoffreFort.Server.Catalogue;

namespace CoffreFort.Specs.Catalogue;

public sealed class LoadingTheCatalogue
{
    private const string Types = "evidence-types.json";
    private const string Procedures = "procedures.json";

    /// <summary>File, text to find, what to put there, where the fault is, words of the message.</summary>
    public static TheoryData<string, string, string, string, string> OnlyTheServerSees => new()
    {
        { Types, "\"code\": \"passport\"", "\"code\": \"identity-card\"", "$.evidenceTypes[1].code", "already used" },
        { Types, "\"unit\": \"year\"", "\"unit\": \"month\"", "$.evidenceTypes[5].freshness[0].unit", "periodUnit" },
        { Types, "\"events\": [\"move\"]", "\"events\": [\"moon\"]", "$.evidenceTypes[4].freshness[1].events[0]", "unknown event \"moon\"" },
        { Types, "\"issuedFrom\": \"2004-01-01\"", "\"issuedFrom\": \"2024-01-01\"", "$.evidenceTypes[0].freshness[0].extensions[0]", "ends before it begins" },
        { Procedures, "\"evidenceType\": \"vaccination-record\"", "\"evidenceType\": \"vaccine\"", "$.procedures[0].requirement.of[3].evidenceType", "unknown evidence type \"vaccine\"" },
        { Procedures, "\"situation\": \"changing-school\"", "\"situation\": \"raining\"", "$.procedures[0].requirement.of[4].situation", "unknown situation \"raining\"" },
        { Procedures, "\"kind\": \"any\",", "\"kind\": \"exactly\", \"count\": 3,", "$.procedures[1].requirement.of[1].of.count", "3 of 2 parts" },
        { Procedures, "\"birth-certificate\", \"identity-card\",", "\"identity-card\",", "$.procedures[0].closedList.evidenceTypes", "asks \"birth-certificate\"" },
        { Procedures, "\"procedure\": \"removal-bonus\"", "\"procedure\": \"removal-gift\"", "$.deadlinesAfterMutation[2].procedure", "unknown procedure" },
    };

    /// <summary>The same, for what the schema must refuse as well.</summary>
    public static TheoryData<string, string, string, string, string> TheSchemaSeesToo => new()
    {
        { Types, "\"sensitivity\": \"S2\"", "\"sensitivity\": \"S9\"", "$.evidenceTypes[0].sensitivity", "could not be converted" },
        { Types, "\"sensitivity\": \"S2\"", "\"sensitivity\": 2", "$.evidenceTypes[0].sensitivity", "could not be converted" },
        { Types, "\"family\": \"identity\",", "\"family\": \"identity\", \"colour\": \"blue\",", "$.evidenceTypes[0].colour", "colour" },
        { Types, "\"family\": \"identity\",", "", "$.evidenceTypes[0]", "family" },
        { Types, "\"en\": \"Passport\"", "\"en\": \" \"", "$.evidenceTypes[1].name.en", "English text is empty" },
        { Types, "\"fr\": \"Passeport\"", "\"fr\": null", "$.evidenceTypes[1].name.fr", "null" },
        { Types, "\"code\": \"passport\"", "\"code\": \"Pass_Port\"", "$.evidenceTypes[1].code", "is not a code" },
        { Types, "\"shape\": \"age-at-filing\", \"months\": 3", "\"shape\": \"age-at-filing\", \"months\": 0", "$.evidenceTypes[2].freshness[0].months", "out of range" },
        { Types, "\"shape\": \"age-at-filing\"", "\"shape\": \"age-of-reason\"", "$.evidenceTypes[2].freshness[0]", "age-of-reason" },
        { Types, "\"standing\": \"read\"", "\"standing\": \"guessed\"", "$.evidenceTypes[0].rules[0].standing", "could not be converted" },
        { Procedures, "\"readOn\": \"2020-10\"", "\"readOn\": \"once\"", "$.deadlinesAfterMutation[0].rule.readOn", "not a date of reading" },
        { Procedures, "\"defaultUses\": 3", "\"defaultUses\": 0", "$.procedures[0].defaultUses", "must be 1 or more" },
        { Procedures, "\"agencyKinds\": [\"town-hall\"]", "\"agencyKinds\": []", "$.procedures[0].agencyKinds", "no agency may ask" },
    };

    [Fact]
    public void the_shipped_files_load_with_twelve_types_and_five_procedures()
    {
        var catalogue = ShippedCatalogue.Loaded;
        Assert.Equal(12, catalogue.EvidenceTypes.Count);
        Assert.Equal(["school-enrolment", "family-portal", "removal-costs", "defence-housing", "removal-bonus"], catalogue.Procedures.Select(one => one.Code));
        Assert.Equal(Sensitivity.HealthJusticeOrDefence, catalogue.Find("posting-order")!.Sensitivity);
        Assert.Null(catalogue.Find("Posting-Order"));
        Assert.Null(catalogue.FindProcedure("none"));
    }

    [Fact]
    public void the_hashes_are_those_of_the_bytes_on_disk() => Assert.All(
        ShippedCatalogue.Loaded.Sha256,
        one => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(ShippedCatalogue.Folder, one.Key)))), one.Value));

    [Fact]
    [Trait("Requirement", "R-036")]
    public void a_rule_that_was_not_read_carries_no_date()
    {
        var rules = ShippedCatalogue.Loaded.EvidenceTypes.SelectMany(one => one.Rules).Concat(ShippedCatalogue.Loaded.Procedures.SelectMany(one => one.Rules)).ToList();
        Assert.All(rules, rule => Assert.True(rule.Standing == RuleStanding.Read || rule.ReadOn is null));
        Assert.All(rules.Where(rule => rule.Source.StartsWith("service-public.fr F", StringComparison.Ordinal)), rule => Assert.Equal("2020-10", rule.ReadOn));
    }

    [Fact]
    public void a_school_deadline_of_eight_days_counts_from_the_move()
    {
        var deadline = ShippedCatalogue.Loaded.Deadlines.Single(one => one.Procedure == "school-enrolment");
        Assert.Equal(new DateOnly(2026, 9, 9), deadline.LastDay(new DateOnly(2026, 9, 1)));
        Assert.Contains(ShippedCatalogue.Loaded.Deadlines, one => one.LastDay(new DateOnly(2026, 9, 1)) is null);
    }

    [Theory]
    [MemberData(nameof(OnlyTheServerSees))]
    [MemberData(nameof(TheSchemaSeesToo))]
    [Trait("Requirement", "R-230")]
    public void a_broken_file_is_refused_with_its_place_and_what_is_wrong(string file, string find, string replacement, string path, string words)
    {
        var refused = Assert.Throws<CatalogueException>(() => EvidenceCatalogue.Load(ShippedCatalogue.Broken(file, find, replacement)));
        Assert.Contains(refused.Faults, fault => fault.StartsWith($"{file} {path}", StringComparison.Ordinal) && fault.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "R-230")]
    public void every_fault_of_both_files_is_told_at_once()
    {
        var folder = ShippedCatalogue.Broken(Types, "\"en\": \"Passport\"", "\"en\": \"\"");
        var procedures = Path.Combine(folder, Procedures);
        File.WriteAllText(procedures, File.ReadAllText(procedures).Replace("\"defaultUses\": 3", "\"defaultUses\": -1", StringComparison.Ordinal));
        var refused = Assert.Throws<CatalogueException>(() => EvidenceCatalogue.Load(folder));
        Assert.Equal(3, refused.Faults.Count);
    }

    [Fact]
    public void a_missing_folder_is_said_to_be_unreadable()
    {
        var refused = Assert.Throws<CatalogueException>(() => EvidenceCatalogue.Load(Path.Combine(ShippedCatalogue.Folder, "nowhere")));
        Assert.Equal(2, refused.Faults.Count);
        Assert.All(refused.Faults, fault => Assert.Contains("can't be read", fault, StringComparison.Ordinal));
    }
}

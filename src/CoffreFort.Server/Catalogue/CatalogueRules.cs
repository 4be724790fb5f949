namespace CoffreFort.Server.Catalogue;

/// <summary>What the shape of the files can't say: that codes are unique, that references lead somewhere, that numbers make sense.</summary>
internal static class CatalogueRules
{
    internal static IEnumerable<string> Faults(EvidenceTypesFile types, ProceduresFile procedures)
    {
        var inTypes = new FaultList(CatalogueFiles.EvidenceTypesName);
        var inProcedures = new FaultList(CatalogueFiles.ProceduresName);
        var events = Codes(inTypes, types.Events, "$.events", one => one.Code, one => one.Name);
        CheckTypes(inTypes, types, events);
        CheckProcedures(inProcedures, procedures, Known(types), events);
        return inTypes.All.Concat(inProcedures.All).Distinct();
    }

    private static Dictionary<string, EvidenceType> Known(EvidenceTypesFile types) =>
        types.EvidenceTypes.OfType<EvidenceType>().DistinctBy(type => type.Code).ToDictionary(type => type.Code, StringComparer.Ordinal);

    private static HashSet<string> Codes<T>(FaultList faults, IReadOnlyList<T> list, string path, Func<T, string> code, Func<T, LocalizedText> name)
        where T : class
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (entry, entryPath) in faults.Each(list, path))
        {
            faults.Code(code(entry), entryPath + ".code", seen);
            faults.Text(name(entry), entryPath + ".name");
        }

        return seen;
    }

    private static void CheckTypes(FaultList faults, EvidenceTypesFile file, HashSet<string> events)
    {
        faults.Require(!string.IsNullOrWhiteSpace(file.Version), "$.version", "is empty. Write the day of the change.");
        Codes(faults, file.EvidenceTypes, "$.evidenceTypes", one => one.Code, one => one.Name);
        var freshness = new FreshnessRules(faults, events);
        foreach (var (type, path) in faults.Each(file.EvidenceTypes, "$.evidenceTypes"))
        {
            faults.Text(type.WhatCounts, path + ".whatCounts");
            faults.Text(type.Expiry.Text, path + ".expiry.text");
            faults.Rules(type.Rules, path + ".rules");
            freshness.Check(type.Freshness, type.PeriodUnit, path + ".freshness");
            faults.Require(
                type.PeriodUnit is null != type.StatedDates.Contains(StatedDate.Period),
                path + ".statedDates",
                "\"period\" and periodUnit go together. Give both or neither.");
            faults.Require(
                type.Expiry.PrintedDate == type.StatedDates.Contains(StatedDate.ExpiresOn),
                path + ".statedDates",
                "\"expiresOn\" is stated exactly when expiry.printedDate is true. Make them agree.");
            if (type.Retention is not { } retention)
                continue;
            faults.Text(retention.Text, path + ".retention.text");
            faults.Rule(retention.Rule, path + ".retention.rule");
            faults.Require(retention.Months is null or >= 1, path + ".retention.months", "must be 1 or more, or null for ever.");
        }
    }

    private static void CheckProcedures(FaultList faults, ProceduresFile file, Dictionary<string, EvidenceType> types, HashSet<string> events)
    {
        faults.Require(!string.IsNullOrWhiteSpace(file.Version), "$.version", "is empty. Write the day of the change.");
        var situations = Codes(faults, file.Situations, "$.situations", one => one.Code, one => one.Name);
        var codes = Codes(faults, file.Procedures, "$.procedures", one => one.Code, one => one.Name);
        foreach (var (procedure, path) in faults.Each(file.Procedures, "$.procedures"))
        {
            CheckWords(faults, procedure, path);
            var requirement = new RequirementRules(faults, new FreshnessRules(faults, events), types, situations);
            requirement.Check(procedure.Requirement, path + ".requirement");
            CheckClosedList(faults, procedure, requirement.Named, [.. types.Keys], path);
        }

        foreach (var (deadline, path) in faults.Each(file.DeadlinesAfterMutation, "$.deadlinesAfterMutation"))
        {
            faults.Text(deadline.Name, path + ".name");
            faults.Rule(deadline.Rule, path + ".rule");
            faults.Require(deadline.Days is null or >= 1 && deadline.Months is null or >= 1, path, "days and months must be 1 or more, or null.");
            faults.Require(deadline.Days is null || deadline.Months is null, path, "has both days and months. Keep one and set the other to null.");
            if (deadline.Procedure is { } code)
                faults.Known(code, codes, path + ".procedure", "procedure");
        }
    }

    private static void CheckWords(FaultList faults, Procedure procedure, string path)
    {
        faults.Text(procedure.Purpose, path + ".purpose");
        faults.Text(procedure.LegalBasis, path + ".legalBasis");
        faults.Rules(procedure.Rules, path + ".rules");
        foreach (var (note, notePath) in faults.Each(procedure.NotCovered, path + ".notCovered"))
            faults.Text(note, notePath);
        faults.Require(procedure.AgencyKinds.Count > 0, path + ".agencyKinds", "no agency may ask. Name at least one kind.");
        faults.Require(procedure.RetentionPromisedDays >= 1, path + ".retentionPromisedDays", "must be 1 or more.");
        faults.Require(procedure.DefaultConsentDays >= 1, path + ".defaultConsentDays", "must be 1 or more.");
        faults.Require(procedure.DefaultUses is null or >= 1, path + ".defaultUses", "must be 1 or more, or null for unlimited.");
    }

    private static void CheckClosedList(FaultList faults, Procedure procedure, HashSet<string> named, HashSet<string> types, string path)
    {
        foreach (var (code, codePath) in faults.Each(procedure.CommonlyAsked, path + ".commonlyAsked"))
            faults.Known(code, types, codePath, "evidence type");
        if (procedure.ClosedList is not { } closed)
        {
            faults.Require(procedure.CommonlyAsked.Count == 0, path + ".commonlyAsked", "nothing is asked in excess without a closed list. Add closedList or empty this one.");
            return;
        }

        faults.Rule(closed.Article, path + ".closedList.article");
        foreach (var (code, codePath) in faults.Each(closed.EvidenceTypes, path + ".closedList.evidenceTypes"))
            faults.Known(code, types, codePath, "evidence type");
        foreach (var code in named.Except(closed.EvidenceTypes).Order(StringComparer.Ordinal))
            faults.Add(path + ".closedList.evidenceTypes", $"the requirement asks \"{code}\", which the closed list leaves out. Add it here if the law allows it, or take it out of the requirement.");
    }
}

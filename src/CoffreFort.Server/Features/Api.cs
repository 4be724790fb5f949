using System.Text.Json.Serialization.Metadata;
using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Catalogues;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Log;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Features.Receipts;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Usage;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Sealing;
using Microsoft.AspNetCore.OpenApi;

namespace CoffreFort.Server.Features;

/// <summary>All features in one list: what each adds, and where each is mapped.</summary>
public static class Api
{
    public static WebApplicationBuilder AddFeatures(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOpenApi(options => options.CreateSchemaReferenceId = NameOf);
        services.AddSingleton(_ => EvidenceCatalogue.Load(builder.Configuration["catalogue"] ?? Path.Combine(AppContext.BaseDirectory, "Catalogue")));
        services.AddSingleton<ISubscription, VaultDirectory>().AddScoped<VaultFinder>();
        services.AddSingleton<ISubscription, DocumentList>().AddScoped<DocumentLister>().AddScoped<DocumentReader>();
        services.AddScoped<SeeDocument>().AddSingleton<SeeHistory>().AddSingleton(new DepositLimit(builder.Configuration)).AddScoped<SealContent>().AddSingleton<OpenContent>().AddSingleton<IntegrityIncidents>();
        services.AddErasures(builder.Configuration);
        services.AddSignatures(builder.Configuration);
        services.AddSingleton<ISubscription, AgencyDirectory>().AddScoped<AgencyFinder>();
        services.AddSingleton<ISubscription, MutationList>().AddScoped<MutationFinder>().AddScoped<MutationReader>().AddScoped<HandoverOffer>();
        services.AddSingleton<ISubscription, VaultStreams>().AddSingleton<ISubscription, AuditList>().AddScoped<AuditReader>().AddScoped<VaultPast>();
        services.AddSingleton<DueMutations>().AddSingleton<MutationClock>().AddHostedService(provider => provider.GetRequiredService<MutationClock>());
        services.AddSingleton<ISubscription, AccessRequestList>().AddScoped<AccessRequestFinder>().AddScoped<AccessRequestReader>();
        services.AddScoped<VaultEvidence>().AddScoped<CoveringConsents>().AddHostedService<ExpiryClock>();
        services.AddSingleton<ISubscription, ConsentList>().AddScoped<ConsentFinder>().AddScoped<SeeConsent>();
        services.AddScoped<EvidenceReader>().AddScoped<RefusedReads>().AddScoped<ListEvidence>().AddScoped<HolderNames>();
        services.AddSingleton<ISubscription, UsageLog>().AddScoped<UsageReader>();
        services.AddSingleton<ISubscription, EventIndex>().AddScoped<SeeReceipt>();
        services.AddSeal().AddScoped<ReceiptEvents>().AddSingleton<ReceiptIssuer>().AddScoped<SealedDelivery>();
        services.AddSingleton(RecipientCheck.From(builder.Configuration));
        services.AddSingleton<PublishedLog>().AddSingleton<ServeLog>().AddScoped<ProveInclusion>().AddSingleton<ProveConsistency>();
        services.AddSingleton<ISubscription, IntegrityAlerts>().AddHostedService<AlertClock>();
        // After the databases are made and the views run, before the first request.
        services.AddHostedService<CatalogueRecorder>();
        services.AddHostedService<Demo.Seed>();
        return builder;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        MapPublished(app);
        var api = app.MapGroup("/api/v1");
        OpenVault.Map(api);
        SeeVault.Map(api);
        MapDocuments(api);
        SeeAgencies.Map(api);
        RegisterAgency.Map(api);
        AppointClerk.Map(api);
        DismissClerk.Map(api);
        DeclareProcedure.Map(api);
        AnnounceMutation.Map(api);
        RescheduleMutation.Map(api);
        CancelMutation.Map(api);
        AcceptHandover.Map(api);
        SeeMutations.Map(api);
        ListEvidenceTypes.Map(api);
        ListProcedures.Map(api);
        CheckProcedure.Map(api);
        AskForAccess.Map(api);
        ListAccessRequests.Map(api);
        SeeAccessRequest.Map(api);
        ApproveAccessRequest.Map(api);
        RefuseAccessRequest.Map(api);
        WithdrawAccessRequest.Map(api);
        MapSharing(api);
        MapSeals(api);
        OpenAudit.Map(api);
        SeeAudits.Map(api);
        ReplayVault.Map(api);
        return app;
    }

    /// <summary>Bodies are declared within the act that they belong to, under short names: published, each has a name of its own.</summary>
    private static string? NameOf(JsonTypeInfo type) =>
        OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? type.Type.DeclaringType?.Name + name : null;

    private static void MapDocuments(RouteGroupBuilder api)
    {
        DepositDocument.Map(api);
        DepositVersion.Map(api);
        DescribeDocument.Map(api);
        ListDocuments.Map(api);
        SeeDocument.Map(api);
        SeeHistory.Map(api);
        ReadDocument.Map(api);
        ReadSignature.Map(api);
        api.MapErasures();
    }

    /// <summary>What anybody may read, and hold the operator to.</summary>
    private static void MapPublished(WebApplication app)
    {
        ServeLog.Map(app);
        SeeOrigins.Map(app);
        ServeSeal.Map(app);
    }

    private static void MapSeals(RouteGroupBuilder api)
    {
        DownloadReceipt.Map(api);
        SeeCertificates.Map(api);
        ProposeCertificate.Map(api);
        ConfirmCertificate.Map(api);
        RevokeCertificate.Map(api);
        ReadSealedCopy.Map(api);
        ReadCiphertext.Map(api);
    }

    private static void MapSharing(RouteGroupBuilder api)
    {
        GrantConsent.Map(api);
        SeeConsent.Map(api);
        ConsentReceipt.Map(api);
        RevokeConsent.Map(api);
        ListEvidence.Map(api);
        ReadEvidence.Map(api);
        ReadEvidenceSignature.Map(api);
        SeeUsage.Map(api);
        SeeReceipt.Map(api);
        ProveInclusion.Map(api);
        ProveConsistency.Map(api);
    }
}

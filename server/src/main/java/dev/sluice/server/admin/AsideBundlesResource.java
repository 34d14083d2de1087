package dev.sluice.server.admin;

import dev.sluice.bundle.AsideBundle;
import dev.sluice.bundle.AsideBundles;
import dev.sluice.bundle.BundleId;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Bundles that are handed over no more, since they kill whoever handles them or nobody can read them: somebody has to look after them. */
public final class AsideBundlesResource implements Resource {
    private static final ProblemKind UNKNOWN =
            new ProblemKind(404, "bundle-unknown", "No such bundle is set aside, or not any more");
    private static final ProblemKind UNREADABLE =
            new ProblemKind(409, "bundle-unreadable", "Nobody can read the bundle");

    private static final int MOST = 200;

    private static final Shape ASIDE = new Named(
            "BundleSetAside",
            Fields.of(
                    Field.required("id", Text.matching(BundleId.FORM), "The bundle's id."),
                    Field.required("chat", BundlesResource.NUMBER, "The chat's id."),
                    Field.required("user", BundlesResource.NUMBER, "The sender's id."),
                    Field.required("at", Text.time(), "When it was set aside."),
                    Field.required(
                            "reason",
                            Text.matching("lost|unreadable"),
                            "lost: its leases ran out over and over, as if it killed who handles it. unreadable: its key is not known, or"
                                    + " another program wrote there."),
                    Field.required("lost", new Whole(0, Integer.MAX_VALUE), "How many of its leases ran out."),
                    Field.required("failures", new Whole(0, Integer.MAX_VALUE), "How often it could not be handled."),
                    Field.required("messages", new Whole(0, Integer.MAX_VALUE), "How many it has.")));

    private final AsideBundles aside;

    public AsideBundlesResource(AsideBundles aside) {
        this.aside = aside;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(
                                "/v1/bundles/{bot}/aside",
                                "listBundlesSetAside",
                                "Lists bundles that are handed over no more; never what is said in them.")
                        .with(BundlesResource.BOT, Paging.LIMIT, Paging.CURSOR)
                        .answers(
                                200,
                                "A page, the oldest first.",
                                Fields.of(Field.required("bundles", new ListOf(ASIDE, MOST), "A page."), Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.post(
                                "/v1/bundles/{bot}/aside/{id}/requeue",
                                "requeueBundle",
                                "Lets a bundle be handed over again, before what waits of the same person.")
                        .with(BundlesResource.BOT, BundlesResource.ID)
                        .answers(204, "It is handed over.")
                        .refuses(ProblemKind.STORE, UNKNOWN, UNREADABLE, BundlesResource.FULL)
                        .by(this::requeue),
                Operation.delete("/v1/bundles/{bot}/aside/{id}", "dropBundle", "Drops a bundle that was set aside.")
                        .with(BundlesResource.BOT, BundlesResource.ID)
                        .answers(204, "It is gone.")
                        .refuses(ProblemKind.STORE, UNKNOWN)
                        .by(this::drop));
    }

    private AdminResponse list(AdminRequest request) {
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        Instant after = Instant.EPOCH.plus(Math.max(0, request.get(Paging.CURSOR)), ChronoUnit.MICROS);
        List<AsideBundle> page = aside.list(BundlesResource.bot(request), after, limit);
        var json = new LinkedHashMap<String, Object>();
        json.put("bundles", page.stream().map(AsideBundlesResource::json).toList());
        json.put(
                "next_cursor",
                page.size() < limit
                        ? null
                        : Paging.after(ChronoUnit.MICROS.between(
                                Instant.EPOCH, page.getLast().at())));
        return AdminResponse.json(200, json);
    }

    private AdminResponse requeue(AdminRequest request) {
        return switch (aside.requeue(BundlesResource.id(request))) {
            case BACK -> AdminResponse.noContent();
            case FULL ->
                throw Problem.of(BundlesResource.FULL, "so much of this person's, or of others, is not handled yet")
                        .retryAfter(BundlesResource.SOON)
                        .asRefusal();
            case UNREADABLE ->
                throw Problem.of(UNREADABLE, "another program wrote there; it can only be dropped")
                        .asRefusal();
            case GONE -> throw unknown();
        };
    }

    private AdminResponse drop(AdminRequest request) {
        if (!aside.drop(BundlesResource.id(request))) {
            throw unknown();
        }
        return AdminResponse.noContent();
    }

    private static Problem.Refusal unknown() {
        return Problem.of(UNKNOWN, "it was handed over again, dropped, or its time is over")
                .asRefusal();
    }

    private static Map<String, Object> json(AsideBundle bundle) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", bundle.id().toString());
        json.put("chat", bundle.id().conversation().chat());
        json.put("user", bundle.id().conversation().user());
        json.put("at", bundle.at().toString());
        json.put("reason", bundle.reason().name().toLowerCase(Locale.ROOT));
        json.put("lost", bundle.lost());
        json.put("failures", bundle.failures());
        json.put("messages", bundle.messages());
        return json;
    }
}

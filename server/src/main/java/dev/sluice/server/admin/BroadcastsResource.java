package dev.sluice.server.admin;

import dev.sluice.broadcast.BroadcastChange;
import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.Progress;
import dev.sluice.broadcast.Started;
import dev.sluice.encryption.Sealer;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.broadcast.InvalidUploadException;
import dev.sluice.server.broadcast.Uploads;
import dev.sluice.telegram.BotId;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Broadcasts: one call to many chats. */
public final class BroadcastsResource implements Resource {
    private static final ProblemKind MISSING =
            new ProblemKind(404, "broadcast-unknown", "There is no such broadcast, or no more");
    private static final ProblemKind ENDED = new ProblemKind(409, "broadcast-ended", "The broadcast has ended");
    private static final ProblemKind MISMATCH = MessagesResource.MISMATCH;
    private static final ProblemKind TOO_MANY =
            new ProblemKind(409, "too-many-broadcasts", "The bot has too many unfinished broadcasts");
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final Shape STARTED = Fields.of(
            Field.required("id", BroadcastJson.ID.shape(), "The broadcast's id."),
            Field.required("outcome", Text.matching("running|duplicate"), "duplicate: its key was used before."),
            Field.required("accepted", BroadcastJson.COUNT, "Recipients."),
            Field.required("duplicates", BroadcastJson.COUNT, "Lines that named a chat again; they are left out."),
            Field.required("durable", new Shape.Flag(), "Whether it outlives the process."));

    private final BroadcastStore store;
    private final Uploads uploads;
    private final Bots bots;
    private final boolean durable;
    private final RecipientPages pages;
    private final Runnable changed;

    /**
     * @param durable whether broadcasts outlive this process
     * @param changed hears that one was paused, resumed or cancelled; must not block
     */
    public BroadcastsResource(
            BroadcastStore store, Uploads uploads, Bots bots, Sealer sealer, boolean durable, Runnable changed) {
        this.store = store;
        this.uploads = uploads;
        this.bots = bots;
        this.durable = durable;
        this.pages = new RecipientPages(store, sealer);
        this.changed = changed;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.post("/v1/bots/{bot}/broadcasts", "startBroadcast", "Sends one call to many chats.")
                        .with(MessageJson.BOT)
                        .streams(
                                "application/x-ndjson",
                                "Line 1 is the template: an object with method and params (without chat_id), and if wanted"
                                        + " priority (low unless given), everybody (true: also chats that could not be"
                                        + " reached lately) and idempotency_key. Each further line is a recipient: a"
                                        + " chat's id, or an object with chat_id and parameters that this chat gets in"
                                        + " place of the template's; at most 4 KiB. At most 5,000,000 recipients; a chat"
                                        + " that is named again is left out.")
                        .answers(202, "It runs.", STARTED)
                        .refuses(MessagesResource.NO_TOKEN, MISMATCH, TOO_MANY, ProblemKind.STORE)
                        .by(this::start),
                Operation.get("/v1/bots/{bot}/broadcasts", "listBroadcasts", "A bot's broadcasts, the newest first.")
                        .with(MessageJson.BOT, Paging.LIMIT, Paging.CURSOR)
                        .answers(
                                200,
                                "A page.",
                                Fields.of(
                                        Field.required(
                                                "broadcasts", new ListOf(BroadcastJson.SHAPE, 200), "Newest first."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.get("/v1/broadcasts/{id}", "getBroadcast", "Shows how a broadcast stands.")
                        .with(BroadcastJson.ID)
                        .answers(200, "The broadcast.", BroadcastJson.SHAPE)
                        .refuses(MISSING, ProblemKind.STORE)
                        .by(request -> AdminResponse.json(200, BroadcastJson.of(find(request.get(BroadcastJson.ID))))),
                change(
                        "pause",
                        "pauseBroadcast",
                        "Takes back what is queued; nothing more is sent until it is resumed."),
                change("resume", "resumeBroadcast", "Lets a paused broadcast go on."),
                change("cancel", "cancelBroadcast", "Takes back what is queued; nothing more is sent."),
                Operation.get("/v1/broadcasts/{id}/results", "listResults", "What became of its recipients, in order.")
                        .with(BroadcastJson.ID, RecipientPages.OUTCOME, Paging.LIMIT, Paging.CURSOR)
                        .answers(200, "A page; it may be short though there are more.", RecipientPages.SHAPE)
                        .refuses(MISSING, ProblemKind.STORE)
                        .by(request -> pages.page(request)
                                .map(page -> AdminResponse.json(200, page))
                                .orElseThrow(BroadcastsResource::missing)));
    }

    private AdminResponse start(AdminRequest request) {
        BotId bot = MessageJson.bot(request);
        if (bots.token(bot).isEmpty()) {
            throw Problem.of(MessagesResource.NO_TOKEN, "register it; nothing was kept")
                    .asRefusal();
        }
        try {
            return uploads.take(bot, request.stream())
                    .map(this::answer)
                    .orElseThrow(() -> Problem.of(ProblemKind.BUSY, "other uploads are being read; nothing was kept")
                            .retryAfter(SOON)
                            .asRefusal());
        } catch (InvalidUploadException e) {
            throw switch (e.kind()) {
                case LINE ->
                    Problem.malformed(List.of(new Violation("line " + e.line(), e.detail())))
                            .asRefusal();
                case TOO_MANY ->
                    Problem.of(ProblemKind.TOO_LARGE, e.detail() + "; nothing was kept")
                            .asRefusal();
            };
        } catch (IOException e) {
            throw Problem.of(ProblemKind.MALFORMED, "the body broke off; nothing was kept")
                    .asRefusal();
        }
    }

    private AdminResponse answer(Uploads.Taken taken) {
        return switch (taken.started()) {
            case Started.Running(BroadcastId id) -> answer(taken, id, "running");
            case Started.Known(BroadcastId id) -> answer(taken, id, "duplicate");
            case Started.Mismatch(BroadcastId id) ->
                throw Problem.of(MISMATCH, "it is " + id + "; nothing was kept").asRefusal();
            case Started.TooMany(int most) ->
                throw Problem.of(TOO_MANY, "there may be " + most + "; nothing was kept")
                        .asRefusal();
            case Started.Lost lost ->
                throw Problem.of(ProblemKind.TOO_SLOW, "the upload was forgotten; nothing was kept")
                        .asRefusal();
        };
    }

    private AdminResponse answer(Uploads.Taken taken, BroadcastId id, String outcome) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", id.toString());
        json.put("outcome", outcome);
        json.put("accepted", taken.recipients());
        json.put("duplicates", taken.duplicates());
        json.put("durable", durable);
        return AdminResponse.json(202, json).at("/v1/broadcasts/" + id);
    }

    private AdminResponse list(AdminRequest request) {
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        long before = request.get(Paging.CURSOR);
        List<BroadcastId> found = store.list(
                MessageJson.bot(request), before == 0 ? OptionalLong.empty() : OptionalLong.of(before), limit);
        var json = new LinkedHashMap<String, Object>();
        json.put(
                "broadcasts",
                found.stream()
                        .map(store::find)
                        .flatMap(Optional::stream)
                        .map(BroadcastJson::of)
                        .toList());
        json.put(
                "next_cursor",
                found.size() == limit ? Paging.after(found.getLast().number()) : null);
        return AdminResponse.json(200, json);
    }

    private Progress find(BroadcastId id) {
        return store.find(id).orElseThrow(BroadcastsResource::missing);
    }

    private static Problem.Refusal missing() {
        return Problem.of(MISSING, "what has ended is remembered for a day").asRefusal();
    }

    private Operation change(String verb, String id, String summary) {
        Function<BroadcastId, BroadcastChange> change = switch (verb) {
            case "pause" -> store::pause;
            case "resume" -> store::resume;
            default -> store::cancel;
        };
        return Operation.post("/v1/broadcasts/{id}/" + verb, id, summary)
                .with(BroadcastJson.ID)
                .answers(200, "How it stands.", BroadcastJson.SHAPE)
                .refuses(MISSING, ENDED, ProblemKind.STORE)
                .by(request -> changed(request.get(BroadcastJson.ID), change));
    }

    private AdminResponse changed(BroadcastId id, Function<BroadcastId, BroadcastChange> change) {
        switch (change.apply(id)) {
            case ABSENT -> throw missing();
            case NOT_POSSIBLE -> throw Problem.of(ENDED, "nothing was changed").asRefusal();
            case DONE -> {}
        }
        // Taken back here and now; if this process ends meanwhile, by whoever feeds.
        boolean more = true;
        while (more) {
            more = store.tend(id).filter(tended -> tended.more()).isPresent();
        }
        changed.run();
        return AdminResponse.json(200, BroadcastJson.of(find(id)));
    }
}

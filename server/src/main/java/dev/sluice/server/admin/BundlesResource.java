package dev.sluice.server.admin;

import dev.sluice.bundle.Addition;
import dev.sluice.bundle.Bundle;
import dev.sluice.bundle.BundleId;
import dev.sluice.bundle.BundleSettings;
import dev.sluice.bundle.Bundles;
import dev.sluice.bundle.Conversation;
import dev.sluice.bundle.TalkMessage;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Bursts of messages, joined, for bots in any language: they bring each message, ask for what is due as they ask Telegram for updates,
 * and say of each bundle that it was handled.
 */
public final class BundlesResource implements Resource {
    private static final ProblemKind LOST =
            new ProblemKind(409, "bundle-lost", "The bundle is not this caller's any more");
    static final ProblemKind FULL = new ProblemKind(429, "bundles-full", "There is no room for another message");

    /** As long as others of the admin API may be waited for; longer waits are the caller's to repeat. */
    private static final long LONGEST_WAIT_MILLIS = 10_000;

    /** So that those who wait leave room for those who ask. */
    private static final int MOST_WAITING = 500;

    static final Duration SOON = Duration.ofSeconds(1);

    /** What an answer takes that a model writes; whoever takes longer renews. */
    private static final long USUAL_LEASE_MILLIS = 60_000;

    static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, Long.MAX_VALUE, "The bot's id.");
    static final Parameter<String> ID = new Parameter<>(
            Parameter.In.PATH,
            "id",
            "The bundle's id.",
            Text.matching(BundleId.FORM),
            "the id of a bundle",
            BundlesResource::requireId,
            Optional.empty());
    private static final Parameter<Long> LIMIT =
            Parameter.queryNumber("limit", 1, Bundles.MOST_AT_ONCE, 1, "How many bundles at most.");
    private static final Parameter<Long> WAIT =
            Parameter.queryNumber("wait_ms", 0, LONGEST_WAIT_MILLIS, 0, "How long to wait for one, in milliseconds.");
    private static final Parameter<Long> LEASE_QUERY = Parameter.queryNumber(
            "lease_ms",
            Bundles.SHORTEST_LEASE.toMillis(),
            Bundles.LONGEST_LEASE.toMillis(),
            USUAL_LEASE_MILLIS,
            "For how long they are the caller's, in milliseconds.");

    static final Shape NUMBER = new Whole(-999_999_999_999_999_999L, 999_999_999_999_999_999L);
    private static final Shape SECONDS = new Whole(0, 2L * Integer.MAX_VALUE);
    private static final Shape MESSAGE_ID = new Whole(1, TalkMessage.GREATEST_ID);
    private static final Shape FENCE = new Whole(1, 1L << 53);
    private static final Shape LEASE = new Whole(Bundles.SHORTEST_LEASE.toMillis(), Bundles.LONGEST_LEASE.toMillis());
    private static final Field FENCE_FIELD = Field.required("fence", FENCE, "As it was handed over with the bundle.");

    private static final Shape ADDITION = new Named(
            "BundledMessage",
            Fields.of(
                    Field.required("duplicate", new Flag(), "Whether it had come before; then nothing changed."),
                    Field.required("arrived", Text.time(), "When it came, or had come."),
                    Field.required(
                            "shared",
                            new Flag(),
                            "Whether it is in the store that replicas share; otherwise it is in this one's memory, and ends with it. Of a"
                                    + " duplicate always true.")));
    private static final Shape MESSAGE = new Named(
            "MessageOfBundle",
            Fields.of(
                    Field.required("message_id", MESSAGE_ID, "Telegram's id."),
                    Field.required("date", SECONDS, "When it was sent, seconds since 1970."),
                    Field.required("text", new FreeText(0, TalkMessage.LONGEST_TEXT, false), "Its text."),
                    Field.required(
                            "forwarded_from",
                            new OrNull(new FreeText(0, TalkMessage.LONGEST_ORIGIN, false)),
                            "Whom it was forwarded from."),
                    Field.required("command", new Flag(), "Whether it went at once."),
                    Field.required(
                            "data",
                            new OrNull(new FreeText(0, TalkMessage.LONGEST_DATA, false)),
                            "What was brought with it.")));
    private static final Shape BUNDLE = new Named(
            "Bundle",
            Fields.of(
                    Field.required("id", Text.matching(BundleId.FORM), "The same however often it is handed over."),
                    Field.required("fence", FENCE, "Greater each time that a bundle of this person is handed over."),
                    Field.required("chat", NUMBER, "The chat's id."),
                    Field.required("user", NUMBER, "The sender's id."),
                    Field.required("began", Text.time(), "When its first message came."),
                    Field.required(
                            "failures", new Whole(0, Integer.MAX_VALUE), "How often it could not be handled before."),
                    Field.required("command", new Flag(), "Whether it is a command, by itself."),
                    Field.required("text", Text.any(), "All texts as one, a line for each."),
                    Field.required(
                            "messages",
                            new ListOf(MESSAGE, BundleSettings.MOST_MESSAGES),
                            "In the order of their ids.")));

    private final Bundles bundles;
    private final PatientCallers callers = new PatientCallers(MOST_WAITING);

    public BundlesResource(Bundles bundles) {
        this.bundles = bundles;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.post("/v1/bundles/{bot}", "bundleMessage", "Takes a message that a person sent.")
                        .asGuard()
                        .with(BOT)
                        .takes(Fields.of(
                                Field.required("chat", NUMBER, "The chat's id; in a private chat the sender's."),
                                Field.optional("user", NUMBER, "The sender's id; the chat's unless given."),
                                Field.required(
                                        "message_id", MESSAGE_ID, "Telegram's id: tells repeats, and the order."),
                                Field.required(
                                        "date", SECONDS, "When it was sent, seconds since 1970, as Telegram says it."),
                                Field.required(
                                        "text",
                                        new FreeText(0, TalkMessage.LONGEST_TEXT, false),
                                        "Its text or caption; empty if it has none."),
                                Field.optional(
                                        "forwarded_from",
                                        new FreeText(0, TalkMessage.LONGEST_ORIGIN, false),
                                        "Whom it was forwarded from, in any words; not given if it was not."),
                                Field.optional(
                                        "command",
                                        new Flag(),
                                        "Whether it goes at once, by itself, after what was said before it; unless given, if it begins with /name"
                                                + " and was not forwarded."),
                                Field.optional(
                                        "data",
                                        new FreeText(0, TalkMessage.LONGEST_DATA, false),
                                        "Anything else that is to come with it, such as the update as it was.")))
                        .answers(202, "It is in a bundle that will be handed over.", ADDITION)
                        .refuses(ProblemKind.STORE, FULL)
                        .by(this::add),
                Operation.get(
                                "/v1/bundles/{bot}",
                                "takeBundles",
                                "Hands over bundles that are due, waiting for them if asked to; they are the caller's for a lease.")
                        .asGuard()
                        .with(BOT, LIMIT, WAIT, LEASE_QUERY)
                        .answers(
                                200,
                                "Those that were due; none if none came in time.",
                                Fields.of(Field.required(
                                        "bundles",
                                        new ListOf(BUNDLE, Bundles.MOST_AT_ONCE),
                                        "Of a person one at a time.")))
                        .refuses(ProblemKind.STORE, ProblemKind.BUSY)
                        .by(this::take),
                Operation.put("/v1/bundles/{bot}/{id}", "renewBundle", "Lets the lease of a bundle begin anew.")
                        .asGuard()
                        .with(BOT, ID)
                        .takes(Fields.of(FENCE_FIELD, Field.optional("lease_ms", LEASE, "60000 unless given.")))
                        .answers(204, "It is the caller's for that long from now.")
                        .refuses(ProblemKind.STORE, LOST)
                        .by(request -> held(bundles.renew(
                                id(request),
                                fence(request),
                                Duration.ofMillis(
                                        request.body().path("lease_ms").asLong(USUAL_LEASE_MILLIS))))),
                Operation.delete(
                                "/v1/bundles/{bot}/{id}",
                                "settleBundle",
                                "Says that a bundle was handled; the same once more is answered alike.")
                        .asGuard()
                        .with(BOT, ID)
                        .takes(Fields.of(FENCE_FIELD))
                        .answers(204, "It is gone, and the person's next may be taken.")
                        .refuses(ProblemKind.STORE, LOST)
                        .by(request -> held(bundles.settle(id(request), fence(request)))),
                Operation.post(
                                "/v1/bundles/{bot}/{id}/fail",
                                "failBundle",
                                "Puts a bundle back that could not be handled; after some failures it is given up.")
                        .asGuard()
                        .with(BOT, ID)
                        .takes(Fields.of(
                                FENCE_FIELD,
                                Field.optional(
                                        "after_ms",
                                        new Whole(0, Bundles.LONGEST_DELAY.toMillis()),
                                        "After how long it is handed over again; 1000 unless given.")))
                        .answers(204, "It is back, or given up.")
                        .refuses(ProblemKind.STORE, LOST)
                        .by(request -> held(bundles.fail(
                                id(request),
                                fence(request),
                                Duration.ofMillis(
                                        request.body().path("after_ms").asLong(1_000))))));
    }

    private AdminResponse add(AdminRequest request) {
        JsonNode body = request.body();
        long chat = body.path("chat").asLong();
        Conversation conversation;
        TalkMessage message;
        try {
            conversation =
                    new Conversation(bot(request), chat, body.path("user").asLong(chat));
            message = message(body);
        } catch (IllegalArgumentException e) {
            // Says what was expected, and nothing of what was written but numbers.
            throw Problem.malformed(List.of(new Violation("", String.valueOf(e.getMessage()))))
                    .asRefusal();
        }
        return switch (bundles.add(conversation, message)) {
            case Addition.Added(Instant arrival, boolean shared) ->
                AdminResponse.json(202, addition(false, arrival, shared));
            case Addition.Duplicate(Instant arrival) -> AdminResponse.json(202, addition(true, arrival, true));
            case Addition.Full() ->
                throw Problem.of(FULL, "so much of this person's, or of others, is not handled yet")
                        .retryAfter(SOON)
                        .asRefusal();
        };
    }

    private static TalkMessage message(JsonNode body) {
        String text = body.path("text").asString();
        boolean forwarded = body.has("forwarded_from");
        return new TalkMessage(
                body.path("message_id").asLong(),
                Instant.ofEpochSecond(body.path("date").asLong()),
                text,
                forwarded ? Optional.of(body.path("forwarded_from").asString()) : Optional.empty(),
                body.path("command").asBoolean(!forwarded && TalkMessage.isCommand(text)),
                body.has("data") ? Optional.of(body.path("data").asString()) : Optional.empty());
    }

    private AdminResponse take(AdminRequest request) {
        var wait = Duration.ofMillis(request.get(WAIT));
        List<Bundle> taken = callers.answer(
                wait,
                granted -> bundles.claim(
                        bot(request),
                        Math.toIntExact(request.get(LIMIT)),
                        Duration.ofMillis(request.get(LEASE_QUERY)),
                        granted,
                        request.gone()));
        return AdminResponse.json(
                200, Map.of("bundles", taken.stream().map(BundlesResource::json).toList()));
    }

    static BotId bot(AdminRequest request) {
        return new BotId(request.get(BOT));
    }

    static BundleId id(AdminRequest request) {
        return BundleId.parse(bot(request), request.get(ID));
    }

    private static long fence(AdminRequest request) {
        return request.body().path("fence").asLong();
    }

    /** The bot, which the path names, too, makes no difference here. */
    private static String requireId(String text) {
        return BundleId.parse(new BotId(1), text).toString();
    }

    private static AdminResponse held(boolean held) {
        if (!held) {
            throw Problem.of(LOST, "its lease ran out and it was handed over again, or it has ended")
                    .asRefusal();
        }
        return AdminResponse.noContent();
    }

    private static Map<String, Object> addition(boolean duplicate, Instant arrived, boolean shared) {
        return Map.of("duplicate", duplicate, "arrived", arrived.toString(), "shared", shared);
    }

    private static Map<String, Object> json(Bundle bundle) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", bundle.id().toString());
        json.put("fence", bundle.fence());
        json.put("chat", bundle.conversation().chat());
        json.put("user", bundle.conversation().user());
        json.put("began", bundle.began().toString());
        json.put("failures", bundle.failures());
        json.put("command", bundle.isCommand());
        json.put("text", bundle.text());
        json.put(
                "messages",
                bundle.messages().stream().map(BundlesResource::json).toList());
        return json;
    }

    private static Map<String, Object> json(TalkMessage message) {
        var json = new LinkedHashMap<String, Object>();
        json.put("message_id", message.id());
        json.put("date", message.sent().getEpochSecond());
        json.put("text", message.text());
        json.put("forwarded_from", message.forwardedFrom().orElse(null));
        json.put("command", message.command());
        json.put("data", message.data().orElse(null));
        return json;
    }
}

package dev.sluice.server.admin;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.SendLane;
import dev.sluice.queue.Attempt;
import dev.sluice.queue.DeliveryPolicy;
import dev.sluice.queue.FailureClass;
import dev.sluice.queue.Joint;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.NewMessage.Once;
import dev.sluice.queue.Relation;
import dev.sluice.queue.Replacement;
import dev.sluice.queue.SavedMessage;
import dev.sluice.queue.SavedMessage.Kind;
import dev.sluice.queue.SavedMessage.Place;
import dev.sluice.queue.SavedMessage.SavedCallback;
import dev.sluice.telegram.BotId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A snapshot of queues as lines of JSON: for each bot a head, its messages, and an end that says that nothing is missing.
 * Contents and targets stay encrypted, as they were stored.
 */
final class SnapshotLines {
    static final String MEDIA_TYPE = "application/x-ndjson";

    private static final int VERSION = 1;
    private static final Set<String> MEMBERS = Set.of(
            "id",
            "place",
            "lane",
            "chat",
            "rank",
            "paid",
            "reply",
            "cost",
            "policy",
            "attempts",
            "doubted",
            "failed_attempts",
            "failure",
            "until",
            "deadline",
            "key",
            "key_content",
            "replaces",
            "parts",
            "joins",
            "length",
            "callback",
            "content");

    private SnapshotLines() {}

    /** One line. */
    sealed interface Line {
        /** Messages of this bot follow, as they were at this time. */
        record Head(BotId bot, Instant exported) implements Line {}

        record Message(SavedMessage message) implements Line {}

        /** There were no more of this bot's. */
        record End(BotId bot) implements Line {}
    }

    static String head(BotId bot, Instant exported) {
        return object().put("sluice_queue", VERSION)
                .put("bot", bot.value())
                .put("exported", exported.toString())
                .toString();
    }

    static String end(BotId bot) {
        return object().put("end", bot.value()).toString();
    }

    static String message(SavedMessage message) {
        ObjectNode json = object().put("id", message.id().toString())
                .put("place", word(message.place()))
                .put("lane", message.lane())
                .put("chat", word(message.chat()))
                .put("rank", message.rank())
                .put("paid", message.send() == SendLane.PAID)
                .put("cost", message.cost())
                .put("policy", word(message.policy()))
                .put("attempts", message.attempts());
        var attempts = json.putArray("failed_attempts");
        message.failedAttempts()
                .forEach(attempt -> attempts.addObject()
                        .put("ended", attempt.ended().toString())
                        .put("reason", attempt.reason()));
        if (message.send() == SendLane.REPLIES) {
            json.put("reply", true);
        }
        if (message.doubted()) {
            json.put("doubted", true);
        }
        message.failure().ifPresent(failure -> json.put("failure", word(failure)));
        message.until().ifPresent(time -> json.put("until", time.toString()));
        message.deadline().ifPresent(time -> json.put("deadline", time.toString()));
        message.once()
                .ifPresent(once -> json.put("key", once.digest())
                        .put("key_content", once.content().hex()));
        message.relation().ifPresent(relation -> {
            switch (relation) {
                case Replacement(String target, int parts) ->
                    json.put("replaces", target).put("parts", parts);
                case Joint(String kind, int length) -> json.put("joins", kind).put("length", length);
            }
        });
        message.callback()
                .ifPresent(callback -> json.putObject("callback")
                        .put("target", callback.target())
                        .put("event", callback.event())
                        .put("owed", callback.owed()));
        return json.put("content", message.content()).toString();
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException with words about it that hold nothing of it
     */
    static Line read(JsonNode json) {
        if (json.has("sluice_queue")) {
            if (json.path("sluice_queue").asInt(0) != VERSION) {
                throw new IllegalArgumentException("is of another version; this one reads version " + VERSION);
            }
            return new Line.Head(bot(json, "bot"), time(json, "exported").orElseThrow(() -> missing("exported")));
        } else if (json.has("end")) {
            return new Line.End(bot(json, "end"));
        } else if (json.has("id")) {
            return new Line.Message(savedMessage(json));
        }
        throw new IllegalArgumentException("is neither a head (sluice_queue), a message (id) nor an end");
    }

    private static SavedMessage savedMessage(JsonNode json) {
        for (String name : json.propertyNames()) {
            if (!MEMBERS.contains(name)) {
                throw new IllegalArgumentException("has a member that no message has; known are "
                        + String.join(", ", MEMBERS.stream().sorted().toList()));
            }
        }
        Optional<Once> once =
                text(json, "key").map(digest -> new Once(digest, new Fingerprint(required(json, "key_content"))));
        return new SavedMessage(
                MessageId.parse(required(json, "id")).orElseThrow(() -> wrong("id")),
                choice(Place.class, json, "place"),
                required(json, "lane"),
                choice(Kind.class, json, "chat"),
                number(json, "rank"),
                SendLane.of(flag(json, "paid"), json.has("reply") && flag(json, "reply")),
                number(json, "cost"),
                choice(DeliveryPolicy.class, json, "policy"),
                number(json, "attempts"),
                json.has("doubted") && flag(json, "doubted"),
                attempts(json.path("failed_attempts")),
                json.has("failure") ? Optional.of(choice(FailureClass.class, json, "failure")) : Optional.empty(),
                time(json, "until"),
                time(json, "deadline"),
                once,
                relation(json),
                json.has("callback") ? Optional.of(callback(json.path("callback"))) : Optional.empty(),
                bytes(json, "content"));
    }

    private static Optional<Relation> relation(JsonNode json) {
        if (json.has("replaces")) {
            return Optional.of(new Replacement(text(json, "replaces").orElseThrow(), number(json, "parts")));
        }
        return json.has("joins")
                ? Optional.of(new Joint(text(json, "joins").orElseThrow(), number(json, "length")))
                : Optional.empty();
    }

    private static SavedCallback callback(JsonNode json) {
        return new SavedCallback(bytes(json, "target"), number(json, "event"), flag(json, "owed"));
    }

    private static List<Attempt> attempts(JsonNode json) {
        var attempts = new ArrayList<Attempt>();
        for (JsonNode attempt : json) {
            attempts.add(new Attempt(
                    time(attempt, "ended").orElseThrow(() -> missing("ended")), required(attempt, "reason")));
        }
        return attempts;
    }

    private static BotId bot(JsonNode json, String name) {
        if (!json.path(name).isIntegralNumber() || json.path(name).asLong() < 1) {
            throw wrong(name);
        }
        return new BotId(json.path(name).asLong());
    }

    private static Optional<String> text(JsonNode json, String name) {
        if (json.has(name) && !json.path(name).isString()) {
            throw wrong(name);
        }
        return json.has(name) ? Optional.of(json.path(name).asString()) : Optional.empty();
    }

    private static String required(JsonNode json, String name) {
        return text(json, name).orElseThrow(() -> missing(name));
    }

    private static int number(JsonNode json, String name) {
        if (!json.path(name).isInt()) {
            throw wrong(name);
        }
        return json.path(name).asInt();
    }

    private static boolean flag(JsonNode json, String name) {
        if (!json.path(name).isBoolean()) {
            throw wrong(name);
        }
        return json.path(name).asBoolean();
    }

    private static Optional<Instant> time(JsonNode json, String name) {
        try {
            return text(json, name).map(Instant::parse);
        } catch (DateTimeException e) {
            throw wrong(name);
        }
    }

    private static byte[] bytes(JsonNode json, String name) {
        try {
            return Base64.getDecoder().decode(required(json, name));
        } catch (IllegalArgumentException e) {
            throw wrong(name);
        }
    }

    private static <T extends Enum<T>> T choice(Class<T> type, JsonNode json, String name) {
        String text = required(json, name);
        for (T constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw wrong(name);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("lacks " + name);
    }

    private static IllegalArgumentException wrong(String name) {
        return new IllegalArgumentException("has a wrong or no " + name);
    }

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }
}

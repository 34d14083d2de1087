package dev.sluice.server.admin;

import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastStatus;
import dev.sluice.broadcast.Progress;
import dev.sluice.broadcast.RecipientOutcome;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How broadcasts are named and shown. What they say is never shown. */
final class BroadcastJson {
    static final Parameter<BroadcastId> ID = new Parameter<>(
            Parameter.In.PATH,
            "id",
            "The broadcast's id.",
            Text.matching("[1-9][0-9]{0,17}-[0-9a-v]{1,11}"),
            "a broadcast's id, such as 123456-1iq3hbv8g00",
            text -> BroadcastId.parse(text).orElseThrow(IllegalArgumentException::new),
            Optional.empty());

    static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    static final Shape SHAPE = new Shape.Named(
            "Broadcast",
            Fields.of(
                    Field.required("id", ID.shape(), ID.description()),
                    Field.required("bot", MessageJson.BOT.shape(), MessageJson.BOT.description()),
                    Field.required("status", Text.matching("running|paused|cancelled|done"), "Where it is."),
                    Field.required(
                            "paused_by",
                            new OrNull(Text.matching("hand|refusals")),
                            "refusals: it paused itself, since Telegram refused its messages one after the other."),
                    Field.required("priority", Text.matching("high|normal|low"), "Of its messages."),
                    Field.required("paid", new Shape.Flag(), "Whether it goes in the paid lane."),
                    Field.required("accepted", COUNT, "Recipients: pending and all that follow but duplicates."),
                    Field.required("duplicates", COUNT, "Lines that named a chat again; they are left out."),
                    Field.required("sent", COUNT, "Telegram has them."),
                    Field.required("failed", new Shape.AnyObject(), "Will not be sent, by class."),
                    Field.required(
                            "suppressed", COUNT, "Chats that cannot be reached: told so now, or skipped since lately."),
                    Field.required("skipped", COUNT, "Of these, not even tried."),
                    Field.required("unknown", COUNT, "Telegram may have them."),
                    Field.required("pending", COUNT, "Have no outcome yet."),
                    Field.required("queued", COUNT, "Of these, in the bot's queue."),
                    Field.required("rate", new Shape.AnyNumber(), "How many came to an end per second lately."),
                    Field.required("created", Text.time(), "When it was started."),
                    Field.required("expected_end", new OrNull(Text.time()), "If it goes on as lately."),
                    Field.required("ended", new OrNull(Text.time()), "When its last message had ended.")));

    private BroadcastJson() {}

    static Map<String, Object> of(Progress now) {
        var failed = new TreeMap<String, Object>();
        for (RecipientOutcome outcome : RecipientOutcome.values()) {
            switch (outcome) {
                case REFUSED, EXHAUSTED, EXPIRED, CANCELLED, SUPERSEDED ->
                    failed.put(word(outcome), now.count(outcome));
                case WAITING, QUEUED, SENT, SUPPRESSED, SKIPPED, UNKNOWN -> {}
            }
        }
        int skipped = now.count(RecipientOutcome.SKIPPED);
        var json = new LinkedHashMap<String, Object>();
        json.put("id", now.id().toString());
        json.put("bot", now.id().bot().value());
        json.put("status", MessageJson.word(now.status()));
        json.put("paused_by", pausedBy(now));
        json.put("priority", now.priority().toString());
        json.put("paid", now.paid());
        json.put("accepted", now.accepted());
        json.put("duplicates", now.duplicates());
        json.put("sent", now.count(RecipientOutcome.SENT));
        json.put("failed", failed);
        json.put("suppressed", now.count(RecipientOutcome.SUPPRESSED) + skipped);
        json.put("skipped", skipped);
        json.put("unknown", now.count(RecipientOutcome.UNKNOWN));
        json.put("pending", now.pending());
        json.put("queued", now.queued());
        json.put("rate", Math.round(now.rate() * 10) / 10.0);
        json.put("created", now.created().toString());
        json.put("expected_end", now.expectedEnd().map(Instant::toString).orElse(null));
        json.put("ended", now.ended().map(Instant::toString).orElse(null));
        return json;
    }

    private static @Nullable String pausedBy(Progress now) {
        if (now.status() != BroadcastStatus.PAUSED) {
            return null;
        }
        return now.pausedByRefusals() ? "refusals" : "hand";
    }

    static String word(RecipientOutcome outcome) {
        return MessageJson.word(outcome);
    }
}

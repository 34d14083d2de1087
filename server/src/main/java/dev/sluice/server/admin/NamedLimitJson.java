package dev.sluice.server.admin;

import dev.sluice.limit.Charge;
import dev.sluice.limit.Limit;
import dev.sluice.namedlimit.LimitUsage;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.Passage;
import dev.sluice.namedlimit.Use;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** Named limits and what became of uses, as HTTP shows them. */
final class NamedLimitJson {
    /** As long as a page of the admin API may be waited for; longer waits are the caller's to repeat. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    static final String NAME_FORM = "[a-z0-9_-]{1,32}";

    /** Characters as people count them, any of them. */
    static final FreeText SUBJECT = new FreeText(1, Use.LONGEST_SUBJECT, false);

    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    private static final Shape BURST = new Whole(1, 10_000);

    private static final List<Field> DEFINITION = List.of(
            Field.required(
                    "limit",
                    new Whole(1, NamedLimit.MOST_SMOOTH),
                    "How many pass within a window, in units of weight; up to 10,000 unless it is smooth."),
            Field.required("window_ms", new Whole(1, Limit.LONGEST_SPAN.toMillis()), "The window, in milliseconds."));

    /** What a limit is to be. */
    static final Shape GIVEN = with(
            DEFINITION,
            Field.optional(
                    "burst",
                    new OrNull(BURST),
                    "How many pass at once after a rest. With it the limit is smooth: evenly spaced, right on average. Without it, no"
                            + " window ever lets more pass."),
            Field.optional("shadow", new Flag(), "Whether it only counts whom it would deny; false unless given."));

    private static final List<Field> SHOWN_FIELDS = fields(
            List.of(Field.required("name", Text.matching(NAME_FORM), "Its name.")),
            DEFINITION,
            List.of(
                    Field.required("burst", new OrNull(BURST), "Of a smooth limit; null of a strict window."),
                    Field.required("shadow", new Flag(), "Whether it only counts whom it would deny.")));

    /** What a limit is. */
    static final Shape SHOWN = new Named("Limit", new Fields(SHOWN_FIELDS));

    /** What a limit is, and what is used of it. */
    static final Shape USED = new Named(
            "LimitUsage",
            new Fields(fields(
                    SHOWN_FIELDS,
                    List.of(
                            Field.required("used", COUNT, "The weight that still counts, of the subject asked for."),
                            Field.required("remaining", COUNT, "How many of weight 1 would pass now."),
                            Field.required("resets_in_ms", COUNT, "Until all of it is free again, rounded up.")))));

    /** What is wanted of a limit. */
    static final Shape WANTED = Fields.of(
            Field.optional(
                    "subject",
                    new OrNull(SUBJECT.asSecret()),
                    "Who or what is counted apart. Only a digest of it is kept, and it is not shown again."),
            Field.optional("weight", new Whole(1, Charge.MAX_WEIGHT), "What it costs; 1 unless given."),
            Field.optional(
                    "wait_ms",
                    new Whole(0, LONGEST_WAIT.toMillis()),
                    "How long to wait for a turn, in milliseconds; 0 unless given."));

    /** What became of it. */
    static final Shape PASSAGE = new Named(
            "Passage",
            Fields.of(
                    Field.required("name", Text.matching(NAME_FORM), "The limit's name."),
                    Field.required("allowed", new Flag(), "What the caller goes by."),
                    Field.required(
                            "shadow_denied",
                            new Flag(),
                            "Whether it was allowed only since the limit is in shadow mode; it was not charged then."),
                    Field.required("remaining", COUNT, "How many of weight 1 would pass right after this."),
                    Field.required(
                            "resets_in_ms",
                            new OrNull(COUNT),
                            "Until all of it is free again, rounded up; null if it was not charged."),
                    Field.required(
                            "retry_after_ms",
                            new OrNull(COUNT),
                            "When the same would pass, rounded up; null if it was charged."),
                    Field.required(
                            "complete",
                            new Flag(),
                            "False if this is what one replica allows by itself, since the store could not be asked.")));

    private NamedLimitJson() {}

    /** @throws IllegalArgumentException if its parts do not go together */
    static NamedLimit limit(String name, JsonNode body) {
        return new NamedLimit(
                name,
                body.path("limit").asInt(),
                Duration.ofMillis(body.path("window_ms").asLong()),
                body.path("burst").isNumber()
                        ? OptionalInt.of(body.path("burst").asInt())
                        : OptionalInt.empty(),
                body.path("shadow").asBoolean(false));
    }

    static Map<String, Object> shown(NamedLimit limit) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", limit.name());
        json.put("limit", limit.count());
        json.put("window_ms", limit.window().toMillis());
        json.put("burst", limit.burst().isPresent() ? limit.burst().getAsInt() : null);
        json.put("shadow", limit.shadow());
        return json;
    }

    static Map<String, Object> used(LimitUsage usage) {
        Map<String, Object> json = shown(usage.limit());
        json.put("used", usage.used());
        json.put("remaining", usage.remaining());
        json.put("resets_in_ms", millis(usage.resetsIn()));
        return json;
    }

    static Map<String, Object> passage(Passage passage) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", passage.limit().name());
        json.put("allowed", passage.passes());
        json.put("shadow_denied", passage instanceof Passage.Overlooked);
        json.put("remaining", passage.remaining());
        switch (passage) {
            case Passage.Allowed allowed -> {
                json.put("resets_in_ms", millis(allowed.resetsIn()));
                json.put("retry_after_ms", null);
            }
            case Passage.Overlooked overlooked -> {
                json.put("resets_in_ms", null);
                json.put("retry_after_ms", millis(overlooked.retryAfter()));
            }
            case Passage.Denied denied -> {
                json.put("resets_in_ms", null);
                json.put("retry_after_ms", millis(denied.retryAfter()));
            }
        }
        json.put("complete", passage.complete());
        return json;
    }

    /** Rounded up: who comes earlier is denied again. */
    private static long millis(Duration time) {
        return time.plusNanos(999_999).toMillis();
    }

    private static Shape with(List<Field> fields, Field... more) {
        return new Fields(fields(fields, List.of(more)));
    }

    @SafeVarargs
    private static List<Field> fields(List<Field>... parts) {
        var all = new ArrayList<Field>();
        for (List<Field> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}

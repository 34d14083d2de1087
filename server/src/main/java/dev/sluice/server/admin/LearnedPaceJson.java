package dev.sluice.server.admin;

import dev.sluice.limit.LearnedPace;
import dev.sluice.server.admin.Shape.AnyNumber;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pace that Telegram's 429 taught, as it is shown. */
final class LearnedPaceJson {
    private static final Shape TIME = new Whole(0, Long.MAX_VALUE);

    static final Field FIELD = Field.required(
            "learned",
            new OrNull(new Named(
                    "LearnedPace",
                    Fields.of(
                            Field.required("per_second", new AnyNumber(), "How many messages a second pass now."),
                            Field.required(
                                    "told_at",
                                    new AnyNumber(),
                                    "How many a second they were when Telegram last said 429."),
                            Field.required("since_ms", TIME, "For how long there has been one."),
                            Field.required(
                                    "forgotten_in_ms",
                                    TIME,
                                    "When it will have risen to the limit, if Telegram says no 429 meanwhile.")))),
            "The slower pace that Telegram's 429 taught, which holds beside the limit; null if there is none.");

    private LearnedPaceJson() {}

    static @Nullable Map<String, Object> of(Optional<LearnedPace> learned) {
        return learned.<Map<String, Object>>map(pace -> {
                    var json = new LinkedHashMap<String, Object>();
                    json.put("per_second", pace.perSecond());
                    json.put("told_at", pace.toldAt());
                    json.put("since_ms", millis(pace.since()));
                    json.put("forgotten_in_ms", millis(pace.forgottenIn()));
                    return json;
                })
                .orElse(null);
    }

    private static long millis(Duration time) {
        return time.plusNanos(999_999).toMillis();
    }
}

package dev.sluice.server.gateway;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code Prefer: respond-async} (RFC 7240, 4.1): the caller does not want to wait for Telegram's answer.
 *
 * @param patience how long it does, before the call is queued ({@code wait=N}, whole seconds, 4.3), up to 600 s; else zero
 */
record Preference(Duration patience) {
    private static final Pattern NAME_AND_VALUE = Pattern.compile("\\s*([^=;\\s]+)\\s*(?:=\\s*\"?([^\";\\s]*)\"?)?.*");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final long LONGEST_SECONDS = 600;

    /** What is preferred; empty unless it is an asynchronous answer. What is malformed is ignored, as the RFC says. */
    static Optional<Preference> of(MultiMap headers) {
        boolean async = false;
        Optional<Duration> wait = Optional.empty();
        for (String value : headers.getAll("Prefer")) {
            for (String preference : value.split(",")) {
                Matcher parts = NAME_AND_VALUE.matcher(preference);
                if (!parts.matches()) {
                    continue;
                }
                switch (parts.group(1).toLowerCase(Locale.ROOT)) {
                    case "respond-async" -> async = true;
                    case "wait" -> wait = wait.or(() -> seconds(parts.group(2))); // of two the first counts
                    default -> {}
                }
            }
        }
        return async ? Optional.of(new Preference(wait.orElse(Duration.ZERO))) : Optional.empty();
    }

    private static Optional<Duration> seconds(@Nullable String text) {
        return Optional.ofNullable(text)
                .filter(SECONDS.asMatchPredicate())
                .map(digits -> Duration.ofSeconds(Math.min(LONGEST_SECONDS, Long.parseLong(digits))));
    }
}

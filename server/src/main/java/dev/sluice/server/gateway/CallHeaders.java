package dev.sluice.server.gateway;

import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.telegram.Priority;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What a caller asks of Sluice itself, in headers. All errors are a {@link Refusal} that names header, value and what is
 * accepted.
 *
 * @param maxWait {@code X-Sluice-Max-Wait}, decimal seconds, 0 to 600
 * @param async {@code Prefer: respond-async}
 * @param priority {@code X-Sluice-Priority}: high, normal or low
 * @param reply {@code X-Sluice-Reply}: whether it answers a message; empty leaves it to its parameters
 * @param skipLimits {@code X-Sluice-Skip-Limits}: true or false
 * @param idempotencyKey {@code Idempotency-Key}: see {@link IdempotencyKeyHeader}
 * @param keep {@code X-Sluice-Idempotency-TTL}: whole seconds, 1 to 2,678,400 (31 days)
 * @param dedupeByContent {@code X-Sluice-Dedupe}: content or off; empty leaves it to the bot's rules
 * @param callback {@code X-Sluice-Callback}: who is told what became of a queued call
 */
record CallHeaders(
        Optional<Duration> maxWait,
        Optional<Preference> async,
        Optional<Priority> priority,
        Optional<Boolean> reply,
        boolean skipLimits,
        Optional<String> idempotencyKey,
        Optional<Duration> keep,
        Optional<Boolean> dedupeByContent,
        Optional<CallbackUrl> callback) {
    static final String PREFIX = "x-sluice-";

    private static final String MAX_WAIT = "X-Sluice-Max-Wait";
    private static final String PRIORITY = "X-Sluice-Priority";
    private static final String REPLY = "X-Sluice-Reply";
    private static final String SKIP_LIMITS = "X-Sluice-Skip-Limits";
    private static final String KEY = "Idempotency-Key";
    private static final String KEEP = "X-Sluice-Idempotency-TTL";
    private static final String DEDUPE = "X-Sluice-Dedupe";
    private static final String CALLBACK = "X-Sluice-Callback";
    private static final List<String> OURS = List.of(MAX_WAIT, PRIORITY, REPLY, SKIP_LIMITS, KEEP, DEDUPE, CALLBACK);
    private static final Set<String> OURS_LOWER =
            Set.of(OURS.stream().map(CallHeaders::lower).toArray(String[]::new));

    private static final Pattern DECIMAL_SECONDS = Pattern.compile("[0-9]{1,4}(\\.[0-9]{1,9})?");
    private static final Pattern WHOLE_SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(600);
    private static final Duration LONGEST_KEEP = Duration.ofDays(31);
    private static final int SHOWN_CHARACTERS = 40;

    static CallHeaders of(MultiMap headers) {
        refuseUnknown(headers);
        var read = new CallHeaders(
                one(headers, MAX_WAIT, "decimal seconds from 0 to 600", CallHeaders::wait),
                Preference.of(headers),
                one(headers, PRIORITY, "high, normal or low", Priority::parse),
                one(headers, REPLY, "true or false", CallHeaders::bool),
                one(headers, SKIP_LIMITS, "true or false", CallHeaders::bool).orElse(false),
                one(headers, KEY, IdempotencyKeyHeader.ACCEPTED, IdempotencyKeyHeader::parse),
                one(headers, KEEP, "whole seconds from 1 to 2678400", CallHeaders::keep),
                one(headers, DEDUPE, "content or off", CallHeaders::dedupe),
                callback(headers));
        if (read.async.isPresent()) {
            read.refuseWhatOnlyWaitingCallsCan();
        } else if (read.callback.isPresent()) {
            throw Refusal.badRequest(
                    "header " + CALLBACK + " goes with Prefer: respond-async only: others are answered themselves");
        }
        return read;
    }

    private void refuseWhatOnlyWaitingCallsCan() {
        if (maxWait.isPresent()) {
            throw Refusal.badRequest(
                    "header " + MAX_WAIT + " does not go with Prefer: respond-async; accepted: respond-async, wait=N");
        }
        if (skipLimits) {
            throw Refusal.badRequest("header " + SKIP_LIMITS + " does not go with Prefer: respond-async");
        }
        if (keep.isPresent()) {
            throw Refusal.badRequest("header " + KEEP
                    + " does not go with Prefer: respond-async: a queue keeps all keys" + " for the same time");
        }
    }

    /** A header that does nothing because of a slip of the hand would be found out too late. */
    private static void refuseUnknown(MultiMap headers) {
        for (Map.Entry<String, String> header : headers) {
            String name = lower(header.getKey());
            if (name.startsWith(PREFIX) && !OURS_LOWER.contains(name)) {
                throw Refusal.badRequest(
                        "unknown header " + shown(header.getKey()) + "; known are " + String.join(", ", OURS));
            }
        }
    }

    private static <T> Optional<T> one(
            MultiMap headers, String name, String accepted, Function<String, Optional<T>> read) {
        List<String> values = headers.getAll(name);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw Refusal.badRequest("header " + name + " is given " + values.size() + " times; accepted: once");
        }
        String value = values.getFirst();
        Optional<T> meaning = read.apply(value);
        if (meaning.isEmpty()) {
            throw Refusal.badRequest("header " + name + " is '" + shown(value) + "'; accepted: " + accepted);
        }
        return meaning;
    }

    /** Unlike others it is not repeated when it is wrong: a URL may hold a secret. */
    private static Optional<CallbackUrl> callback(MultiMap headers) {
        List<String> values = headers.getAll(CALLBACK);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        Optional<CallbackUrl> url = values.size() == 1 ? CallbackUrl.parse(values.getFirst()) : Optional.empty();
        if (url.isEmpty()) {
            throw Refusal.badRequest("header " + CALLBACK + "; accepted: " + CallbackUrl.ACCEPTED + ", once");
        }
        return url;
    }

    private static Optional<Duration> wait(String text) {
        if (!DECIMAL_SECONDS.matcher(text).matches()) {
            return Optional.empty();
        }
        Duration wait = Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValueExact());
        return wait.compareTo(LONGEST_WAIT) <= 0 ? Optional.of(wait) : Optional.empty();
    }

    private static Optional<Duration> keep(String text) {
        if (!WHOLE_SECONDS.matcher(text).matches()) {
            return Optional.empty();
        }
        Duration keep = Duration.ofSeconds(Long.parseLong(text));
        return keep.isPositive() && keep.compareTo(LONGEST_KEEP) <= 0 ? Optional.of(keep) : Optional.empty();
    }

    private static Optional<Boolean> bool(String text) {
        return switch (lower(text)) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> dedupe(String text) {
        return switch (lower(text)) {
            case "content" -> Optional.of(true);
            case "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** What may be repeated to the caller: short, printable, without what looks like a token. */
    private static String shown(String value) {
        String tame = Secrets.redacted(value).replaceAll("[^\\x20-\\x7E]", "?");
        return tame.length() <= SHOWN_CHARACTERS ? tame : tame.substring(0, SHOWN_CHARACTERS) + "...";
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}

package dev.sluice.server.gateway;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code Idempotency-Key}: a string of structured fields (RFC 9651, 3.3.3), as draft-ietf-httpapi-idempotency-key-header wants it,
 * or the same text without quotes, as most clients send it. Both are the same key.
 */
final class IdempotencyKeyHeader {
    static final String ACCEPTED = "1 to 255 printable ASCII characters, bare or as a quoted string";

    private static final Pattern BARE = Pattern.compile("[\\x20-\\x21\\x23-\\x7E][\\x20-\\x7E]{0,254}");

    /** Parameters may follow an item, and mean nothing here. */
    private static final Pattern QUOTED = Pattern.compile(
            "\"((?:[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]|\\\\[\"\\\\]){1,510})\"(?: *;[\\x20-\\x7E]{0,255})?");

    private static final int MOST_CHARACTERS = 255;

    private IdempotencyKeyHeader() {}

    /** Empty if it is no key. */
    static Optional<String> parse(String value) {
        if (BARE.matcher(value).matches()) {
            return Optional.of(value);
        }
        Matcher quoted = QUOTED.matcher(value);
        return quoted.matches()
                ? Optional.of(quoted.group(1).replaceAll("\\\\(.)", "$1"))
                        .filter(key -> key.length() <= MOST_CHARACTERS)
                : Optional.empty();
    }
}

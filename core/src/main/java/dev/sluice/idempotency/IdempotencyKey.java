package dev.sluice.idempotency;

import dev.sluice.redis.KeySpace;
import java.util.regex.Pattern;

/**
 * What must happen once: a digest within a tag. Callers' own keys are digested, so that neither text nor names reach a
 * Redis key.
 *
 * @param tag what decides the Redis slot: a bot's id or a name, 1-64 of {@code A-Z a-z 0-9 _ -}
 * @param digest lower-case hex, 32 to 64 characters
 */
public record IdempotencyKey(String tag, String digest) {
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32,64}");

    public IdempotencyKey {
        if (!TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("idempotency tag '" + tag + "' does not match " + TAG.pattern());
        }
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("idempotency digest does not match " + DIGEST.pattern());
        }
    }

    public String key(KeySpace keys) {
        return keys.key("idempotency", tag, digest);
    }
}

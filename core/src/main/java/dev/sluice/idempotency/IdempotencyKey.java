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

    /**
     * The key for a name that the caller gave.
     *
     * @param namespace what the name is unique in, for example a method's canonical name
     * @param callersKey any text; only its digest is kept
     */
    public static IdempotencyKey derived(String tag, String namespace, String callersKey) {
        return digest(tag, "key", namespace, callersKey);
    }

    /** The key for content alone: equal content within the namespace is the same operation. */
    public static IdempotencyKey fromContent(String tag, String namespace, Fingerprint content) {
        return digest(tag, "content", namespace, content.hex());
    }

    /**
     * Half of SHA-256 is enough in a key: two names of one tag would meet by chance after 2^64 of them, and even then their
     * fingerprints are compared in full.
     */
    private static IdempotencyKey digest(String tag, String kind, String namespace, String name) {
        String hex = new CanonicalBytes().text(kind).text(namespace).text(name).hex();
        return new IdempotencyKey(tag, hex.substring(0, 32));
    }

    public String key(KeySpace keys) {
        return keys.key("idempotency", tag, digest);
    }
}

package dev.sluice.idempotency;

import dev.sluice.redis.KeyPart;
import dev.sluice.redis.KeySpace;

/**
 * What must happen once: a digest within a tag. Callers' own keys are digested, so that neither text nor names reach a
 * Redis key.
 *
 * @param tag what decides the Redis slot: a bot's id or a name, 1-64 of {@code A-Z a-z 0-9 _ -}
 * @param digest lower-case hex, 32 to 64 characters
 */
public record IdempotencyKey(String tag, String digest) {
    /** 65,536 tags, more than a Cluster has slots. */
    private static final int WORK_TAG_DIGITS = 4;

    public IdempotencyKey {
        KeyPart.TAG.require("idempotency tag", tag);
        KeyPart.DIGEST.require("idempotency digest", digest);
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
     * The key of work that belongs to no bot. Its tag comes from its digest, so that keys spread over the slots of a Cluster; bots'
     * ids are no such tags.
     *
     * @param kind what the work is, for example {@code payment-webhook}: 1-32 of {@code a-z 0-9 _ -}
     * @param callersKey any text; only its digest is kept
     */
    public static IdempotencyKey ofWork(String kind, String callersKey) {
        KeyPart.SCOPE.require("kind of work", kind);
        IdempotencyKey key = digest("work", "work", kind, callersKey);
        return new IdempotencyKey("work-" + key.digest().substring(0, WORK_TAG_DIGITS), key.digest());
    }

    /**
     * Half of SHA-256 is enough in a key: two names of one tag would meet by chance after 2^64 of them, and even then their
     * fingerprints are compared in full.
     */
    private static IdempotencyKey digest(String tag, String kind, String namespace, String name) {
        String hex = new CanonicalBytes().text(kind).text(namespace).text(name).hex();
        return new IdempotencyKey(tag, hex.substring(0, 32));
    }

    /** What tells it from all others, for those who find its place by hashing. */
    public String name() {
        return tag + "/" + digest;
    }

    public String key(KeySpace keys) {
        return keys.key(ClaimScript.FAMILY, tag, digest);
    }
}

package dev.sluice.limit;

import dev.sluice.redis.KeyPart;
import dev.sluice.redis.KeySpace;

/**
 * What one limit counts: a subject within a scope, under a hash tag. All buckets of one decision share their tag.
 *
 * @param tag what decides the Redis slot: a bot's id, 1-64 of {@code A-Z a-z 0-9 _ -}
 * @param scope the kind of limit: {@code bot}, {@code chat}, {@code group}, {@code user} or a custom name, 1-32 of
 *     {@code a-z 0-9 _ -}
 * @param subject what is counted within the scope, 1-128 characters without spaces or braces; an id or a digest, since it
 *     stands in a key
 */
public record Bucket(String tag, String scope, String subject) {
    public Bucket {
        KeyPart.TAG.require("bucket tag", tag);
        KeyPart.SCOPE.require("bucket scope", scope);
        KeyPart.SUBJECT.require("bucket subject", subject);
    }

    String key(KeySpace keys) {
        return keys.key("rate_limit", tag, scope + ":" + subject);
    }
}

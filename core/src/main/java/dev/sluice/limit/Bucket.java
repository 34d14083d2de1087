package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import java.util.regex.Pattern;

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
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern SCOPE = Pattern.compile("[a-z0-9_-]{1,32}");
    private static final Pattern SUBJECT = Pattern.compile("[^\\s{}]{1,128}");

    public Bucket {
        require(TAG, "tag", tag);
        require(SCOPE, "scope", scope);
        require(SUBJECT, "subject", subject);
    }

    String key(KeySpace keys) {
        return keys.key("rate_limit", tag, scope + ":" + subject);
    }

    private static void require(Pattern form, String part, String value) {
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException("bucket " + part + " '" + value + "' does not match " + form.pattern());
        }
    }
}

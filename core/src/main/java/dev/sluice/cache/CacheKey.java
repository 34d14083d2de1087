package dev.sluice.cache;

import dev.sluice.redis.KeyPart;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * Which value of a cache: ids, or a digest of what must not stand in a key.
 *
 * @param name 1 to 64 of {@code A-Z a-z 0-9 _ -}; it may be read by whoever reads Redis
 */
public record CacheKey(String name) {
    /** Half a SHA-256: that two of a billion texts meet is as likely as one in 10^20. */
    private static final int DIGEST_BYTES = 16;

    public CacheKey {
        KeyPart.TAG.require("cache key", name);
    }

    /** Of ids of numbers, in this order; one or more, up to three. */
    public static CacheKey of(long... ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a cache key needs an id");
        }
        return new CacheKey(Arrays.stream(ids).mapToObj(Long::toString).collect(Collectors.joining("_")));
    }

    /** Of texts, none of which can be read from it; the same texts in the same order make the same key. */
    public static CacheKey ofTexts(String... texts) {
        MessageDigest digest = sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            // With its length, so that no two lists of texts are the same bytes.
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
        return new CacheKey(HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES));
    }

    /** For logs: tells keys apart, and nothing about anybody. */
    String hashed(String cache) {
        return ofTexts(cache, name).name.substring(0, DIGEST_BYTES);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

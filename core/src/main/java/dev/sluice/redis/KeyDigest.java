package dev.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What stands in a key in place of a text that somebody wrote: half of its SHA-256. That two texts share one is less likely than anything
 * else that can go wrong.
 */
public final class KeyDigest {
    private static final int BYTES = 16;

    private KeyDigest() {}

    /** 32 characters of {@code 0-9 a-f}. */
    public static String of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

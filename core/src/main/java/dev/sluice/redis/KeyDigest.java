package dev.sluice.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** What stands in the store for a text that somebody wrote, which must not. */
public final class KeyDigest {
    /** 128 bits: that two texts meet is less likely than anything else that can go wrong. */
    public static final int BYTES = 16;

    /** Begins no UTF-8. */
    private static final byte NO_UTF_8 = (byte) 0xFF;

    private KeyDigest() {}

    /** Half of the SHA-256 of {@link #bytes}. */
    public static byte[] of(String text) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes(text)), BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@link #of} as 32 characters of {@code 0-9 a-f}, which may stand in a key. */
    public static String hex(String text) {
        return HexFormat.of().formatHex(of(text));
    }

    /**
     * Bytes that no other text has: its UTF-8, or if it has half characters (unpaired surrogates, as JSON's escapes can make them), which
     * would all become the same question mark there, its UTF-16 behind a byte that begins no UTF-8.
     */
    public static byte[] bytes(String text) {
        if (StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteBuffer units =
                ByteBuffer.allocate(1 + text.length() * Character.BYTES).put(NO_UTF_8);
        text.chars().forEach(unit -> units.putChar((char) unit));
        return units.array();
    }
}

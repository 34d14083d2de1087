package dev.sluice.simulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The first 128 bits of the SHA-256 of a call's method, parameters and files: two calls with the same content share it. */
public record ContentDigest(long high, long low) {

    static ContentDigest of(ApiCall call) {
        MessageDigest sha256 = sha256();
        update(sha256, call.method());
        for (Map.Entry<String, String> parameter : new TreeMap<>(call.parameters()).entrySet()) {
            update(sha256, parameter.getKey());
            update(sha256, parameter.getValue());
        }
        for (Map.Entry<String, UploadedFile> file : new TreeMap<>(call.files()).entrySet()) {
            update(sha256, file.getKey());
            sha256.update(file.getValue().bytes());
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new ContentDigest(digest.getLong(), digest.getLong());
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    private static void update(MessageDigest sha256, String part) {
        sha256.update(part.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0); // so that "ab","c" differs from "a","bc"
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

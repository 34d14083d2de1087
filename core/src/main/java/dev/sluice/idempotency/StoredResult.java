package dev.sluice.idempotency;

import java.util.Arrays;

/** An outcome kept for later twins: opaque bytes, up to 1 MiB. */
public record StoredResult(byte[] bytes) {
    public static final int MAX_BYTES = 1 << 20;

    public StoredResult {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a result is at most 1 MiB, not " + bytes.length + " bytes");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredResult result && Arrays.equals(result.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "StoredResult[" + bytes.length + " bytes]";
    }
}

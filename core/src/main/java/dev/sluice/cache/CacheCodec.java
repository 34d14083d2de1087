package dev.sluice.cache;

import java.nio.charset.StandardCharsets;

/**
 * How values are kept in Redis. Thread-safe.
 *
 * @param <V> of the values
 */
public interface CacheCodec<V> {
    /** UTF-8. */
    CacheCodec<String> TEXT = new CacheCodec<>() {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    byte[] encode(V value);

    /** @throws IllegalArgumentException if another version of this program wrote these bytes: the value is then loaded again */
    V decode(byte[] bytes);
}

package dev.sluice.delivery;

import java.nio.charset.StandardCharsets;

/** How a sender's result is kept for twins: up to 1 MiB, and readable by every process that shares the key. */
public interface ResultCodec<T> {
    ResultCodec<String> TEXT = new ResultCodec<>() {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    byte[] encode(T value);

    T decode(byte[] bytes);
}

package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.history.HistoryLists.Kept;
import dev.sluice.history.HistoryLists.Look;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes entries so that only those read them who have the key. What a newer version writes an older one does not understand, and leaves out. */
record HistorySeals(Sealer sealer) {
    /** What never leaves this process. */
    static final HistorySeals HERE = new HistorySeals(Sealer.NONE);

    private static final byte VERSION = 1;

    /** @throws dev.sluice.redis.RedisUnavailableException if the key is in Redis and not known yet */
    byte[] write(HistoryKey key, ChatRole role, String id, String text) {
        byte[] named = id.getBytes(UTF_8);
        byte[] said = text.getBytes(UTF_8);
        return sealer.seal(
                context(key),
                ByteBuffer.allocate(2 + Short.BYTES + named.length + said.length)
                        .put(VERSION)
                        .put(code(role))
                        .putShort((short) named.length)
                        .put(named)
                        .put(said)
                        .array());
    }

    /** Empty if the key is not known here, or a newer version wrote it. */
    Optional<HistoryEntry> read(HistoryKey key, Kept kept) {
        return sealer.open(context(key), kept.content()).flatMap(plain -> read(kept, ByteBuffer.wrap(plain)));
    }

    /** Those that can be read; not complete if one cannot. */
    History open(HistoryKey key, Look look, boolean complete) {
        List<HistoryEntry> entries = look.entries().stream()
                .flatMap(kept -> read(key, kept).stream())
                .toList();
        return new History(
                entries,
                look.version(),
                complete && entries.size() == look.entries().size());
    }

    private static Optional<HistoryEntry> read(Kept kept, ByteBuffer plain) {
        try {
            if (plain.get() != VERSION) {
                return Optional.empty();
            }
            Optional<ChatRole> role = role(plain.get());
            if (role.isEmpty()) {
                return Optional.empty();
            }
            byte[] id = new byte[plain.getShort()];
            plain.get(id);
            byte[] text = new byte[plain.remaining()];
            plain.get(text);
            return Optional.of(new HistoryEntry(
                    role.get(),
                    new String(text, UTF_8),
                    new String(id, UTF_8),
                    Instant.EPOCH.plus(kept.micros(), ChronoUnit.MICROS),
                    kept.user() == 0 ? OptionalLong.empty() : OptionalLong.of(kept.user()),
                    kept.tokens()));
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            return Optional.empty();
        }
    }

    private static byte code(ChatRole role) {
        return switch (role) {
            case USER -> 0;
            case ASSISTANT -> 1;
            case SYSTEM -> 2;
        };
    }

    private static Optional<ChatRole> role(byte code) {
        return Arrays.stream(ChatRole.values())
                .filter(role -> code(role) == code)
                .findFirst();
    }

    private static String context(HistoryKey key) {
        return "recent_history/" + key.bot() + "/" + key.chat();
    }
}

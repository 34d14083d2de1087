package dev.sluice.execution;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results as kept for repeats, sealed: a byte that says whether there is one, then its bytes. Thread-safe.
 *
 * @param largest bytes of a result that are kept, up to {@link #LARGEST}
 */
public record KeptResults<T>(ResultCodec<T> codec, Sealer sealer, int largest) {
    /** What fits into a record. */
    public static final int LARGEST = StoredResult.MAX_BYTES - Sealer.OVERHEAD - 1;

    private static final Logger log = LoggerFactory.getLogger(KeptResults.class);

    private static final byte NONE = 0;
    private static final byte THERE = 1;

    /** Empty if it is too long or cannot be written: it was computed all the same. */
    public Optional<StoredResult> stored(IdempotencyKey key, T value) {
        byte[] bytes;
        try {
            bytes = codec.encode(value);
        } catch (RuntimeException e) {
            log.atError().setCause(withoutMessage(e)).log("the result of work that was done cannot be encoded");
            return Optional.empty();
        }
        return bytes.length > largest ? Optional.empty() : Optional.of(sealed(key, THERE, bytes));
    }

    /** In the place of a result that is not kept. */
    public StoredResult none(IdempotencyKey key) {
        return sealed(key, NONE, new byte[0]);
    }

    /** A failure's reason, in the place of a result. */
    public StoredResult reason(IdempotencyKey key, String reason) {
        return sealed(key, THERE, reason.getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if none was kept, or it cannot be read here. */
    public Optional<T> value(IdempotencyKey key, StoredResult stored) {
        return content(key, stored).flatMap(this::decoded);
    }

    /** Empty if it cannot be read here. */
    public Optional<String> reason(IdempotencyKey key, StoredResult stored) {
        return content(key, stored).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private Optional<T> decoded(byte[] bytes) {
        try {
            return Optional.of(codec.decode(bytes));
        } catch (RuntimeException e) {
            log.atError().setCause(withoutMessage(e)).log("a kept result cannot be decoded");
            return Optional.empty();
        }
    }

    private StoredResult sealed(IdempotencyKey key, byte kind, byte[] content) {
        byte[] bytes = new byte[1 + content.length];
        bytes[0] = kind;
        System.arraycopy(content, 0, bytes, 1, content.length);
        return new StoredResult(sealer.seal(context(key), bytes));
    }

    private Optional<byte[]> content(IdempotencyKey key, StoredResult stored) {
        return sealer.open(context(key), stored.bytes())
                .filter(bytes -> bytes.length > 0 && bytes[0] == THERE)
                .map(bytes -> Arrays.copyOfRange(bytes, 1, bytes.length));
    }

    private static String context(IdempotencyKey key) {
        return "idempotency/" + key.tag() + "/" + key.digest();
    }

    /** What a codec complains about may be what it was to write. */
    private static Throwable withoutMessage(RuntimeException e) {
        var shown = new IllegalStateException(e.getClass().getName());
        shown.setStackTrace(e.getStackTrace());
        return shown;
    }
}

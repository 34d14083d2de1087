package dev.sluice.state;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeyDigest;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Fields as they stand in Redis: each sealed by itself, name and value together, under a digest of its name. So a script can put, replace and
 * remove single ones and never sees what they are. Immutable.
 *
 * @param context what they belong to; sealed fields copied elsewhere do not open
 */
public record SealedFields(Sealer sealer, String context) {
    private static final int LENGTH_BYTES = Short.BYTES;

    /** How many bytes a field takes, sealed. */
    public static int size(String name, JsonValue value) {
        return LENGTH_BYTES + name.getBytes(UTF_8).length + value.json().getBytes(UTF_8).length + Sealer.OVERHEAD;
    }

    /** Where a field stands: a prefix and a digest of its name. */
    public static byte[] place(String prefix, String name) {
        return (prefix + KeyDigest.hex(name)).getBytes(US_ASCII);
    }

    public byte[] seal(String name, JsonValue value) {
        byte[] named = name.getBytes(UTF_8);
        byte[] json = value.json().getBytes(UTF_8);
        return sealer.seal(
                context,
                ByteBuffer.allocate(LENGTH_BYTES + named.length + json.length)
                        .putShort((short) named.length)
                        .put(named)
                        .put(json)
                        .array());
    }

    /** @throws UnreadableStateException if no key that is known here sealed it */
    public Map.Entry<String, JsonValue> open(byte[] sealed) {
        ByteBuffer plain = ByteBuffer.wrap(sealer.open(context, sealed).orElseThrow(UnreadableStateException::new));
        byte[] name = new byte[plain.getShort()];
        plain.get(name);
        byte[] json = new byte[plain.remaining()];
        plain.get(json);
        return Map.entry(new String(name, UTF_8), new JsonValue(new String(json, UTF_8)));
    }
}

package dev.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a script answered: a flat list of integers, byte strings and nils. Anything a caller did not expect fails loudly
 * with the script's name, because a misread reply would be a silent wrong decision.
 *
 * @param script the script's name
 * @param values integers ({@link Long}), byte strings ({@code byte[]}) or {@code null}
 */
public record ScriptReply(String script, List<@Nullable Object> values) {

    public int size() {
        return values.size();
    }

    /** The value at {@code index} as text. */
    public String text(int index) {
        return new String(bytes(index), StandardCharsets.UTF_8);
    }

    /** The value at {@code index} as bytes. */
    public byte[] bytes(int index) {
        if (at(index) instanceof byte[] bytes) {
            return bytes;
        }
        throw unexpected(index, "a string");
    }

    /** The value at {@code index} as a whole number; scripts send large ones as text, since Lua keeps 53 bits. */
    public long number(int index) {
        Object value = at(index);
        if (value instanceof Long number) {
            return number;
        }
        if (value instanceof byte[] bytes) {
            try {
                return Long.parseLong(new String(bytes, StandardCharsets.UTF_8));
            } catch (NumberFormatException e) {
                throw unexpected(index, "a whole number");
            }
        }
        throw unexpected(index, "a whole number");
    }

    private @Nullable Object at(int index) {
        if (index >= values.size()) {
            throw unexpected(index, "a value");
        }
        return values.get(index);
    }

    private IllegalStateException unexpected(int index, String wanted) {
        return new IllegalStateException(
                "script " + script + " was expected to answer " + wanted + " at " + index + " of " + values.size());
    }
}

package dev.sluice.fsm;

import dev.sluice.state.JsonValue;
import java.util.Map;
import java.util.Optional;

/**
 * Where a conversation is. Immutable.
 *
 * @param version greater after each change, by the store's clock, and not begun anew when it is cleared; 0 if nothing is known of it
 * @param state empty for none
 * @param data by their names; may be personal
 */
public record Conversation(long version, Optional<String> state, Map<String, JsonValue> data) {
    /** One of which nothing is known. */
    public static final Conversation NEW = new Conversation(0, Optional.empty(), Map.of());

    public Conversation {
        data = Map.copyOf(data);
    }

    /** Whether it has neither a state nor data. */
    public boolean isEmpty() {
        return state.isEmpty() && data.isEmpty();
    }

    public Optional<JsonValue> value(String name) {
        return Optional.ofNullable(data.get(name));
    }

    /** Without the data. */
    @Override
    public String toString() {
        return "Conversation[version=" + version + ", state=" + state.orElse("none") + ", " + data.size() + " fields]";
    }
}

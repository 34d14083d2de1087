package dev.sluice.session;

import dev.sluice.state.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is kept of a user. Immutable; may be personal throughout.
 *
 * @param version greater after each change, by the store's clock; 0 if there is nothing
 * @param actions the last ones, the newest last, up to {@link Sessions#MOST_ACTIONS}
 * @param settings those that have not ended, by their names
 * @param history the newest last, up to {@link Sessions#MOST_HISTORY}
 */
public record Session(long version, List<Entry> actions, Map<String, Temporary> settings, List<Entry> history) {
    /** Nothing. */
    public static final Session NEW = new Session(0, List.of(), Map.of(), List.of());

    public Session {
        actions = List.copyOf(actions);
        settings = Map.copyOf(settings);
        history = List.copyOf(history);
    }

    /** @param at when it was added, by the store's clock */
    public record Entry(JsonValue value, Instant at) {}

    /** @param ends when it does by itself; empty if with the session */
    public record Temporary(JsonValue value, Optional<Instant> ends) {}

    /** Whether nothing is kept. */
    public boolean isEmpty() {
        return actions.isEmpty() && settings.isEmpty() && history.isEmpty();
    }

    /** A setting that has not ended. */
    public Optional<JsonValue> setting(String name) {
        return Optional.ofNullable(settings.get(name)).map(Temporary::value);
    }

    /** How many of each; not what they are. */
    @Override
    public String toString() {
        return "Session[version=" + version + ", " + actions.size() + " actions, " + settings.size() + " settings, "
                + history.size() + " in history]";
    }
}

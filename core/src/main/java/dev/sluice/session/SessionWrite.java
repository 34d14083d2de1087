package dev.sluice.session;

import dev.sluice.state.FieldName;
import dev.sluice.state.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A change of a session: all of it in one step, or nothing. Immutable; put together from {@link #NOTHING}.
 *
 * @param version that it must have; 0 if there must be nothing
 * @param clears whether all that was there goes first
 * @param actions are added, up to {@link Sessions#MOST_ACTIONS} at once
 * @param settings are put
 * @param removes names of settings; of one that is also put, it is put
 * @param history is added, up to {@link Sessions#MOST_HISTORY} at once
 */
public record SessionWrite(
        OptionalLong version,
        boolean clears,
        List<JsonValue> actions,
        Map<String, Setting> settings,
        Set<String> removes,
        List<JsonValue> history) {
    /** Changes nothing but that it is touched. */
    public static final SessionWrite NOTHING =
            new SessionWrite(OptionalLong.empty(), false, List.of(), Map.of(), Set.of(), List.of());

    /** Nothing is there afterwards. */
    public static final SessionWrite CLEAR =
            new SessionWrite(OptionalLong.empty(), true, List.of(), Map.of(), Set.of(), List.of());

    /** @param ttl after which it ends by itself, 1 ms to {@link Sessions#LONGEST_KEEP}; empty: with the session */
    public record Setting(JsonValue value, Optional<Duration> ttl) {
        public Setting {
            ttl.ifPresent(time -> {
                if (time.toMillis() < 1 || time.compareTo(Sessions.LONGEST_KEEP) > 0) {
                    throw new IllegalArgumentException("a setting must be kept for 1 ms to 31 days, not " + time);
                }
            });
        }
    }

    public SessionWrite {
        actions = List.copyOf(actions);
        settings = Map.copyOf(settings);
        removes = Set.copyOf(removes);
        history = List.copyOf(history);
        settings.keySet().forEach(FieldName::require);
        removes.forEach(FieldName::require);
        requireAtMost("actions", Sessions.MOST_ACTIONS, actions.size());
        requireAtMost("settings", Sessions.MOST_SETTINGS, settings.size());
        requireAtMost("settings to remove", Sessions.MOST_SETTINGS, removes.size());
        requireAtMost("entries of history", Sessions.MOST_HISTORY, history.size());
        actions.forEach(SessionWrite::requireSize);
        settings.values().forEach(setting -> requireSize(setting.value()));
        history.forEach(SessionWrite::requireSize);
        if (version.isPresent() && version.getAsLong() < 0) {
            throw new IllegalArgumentException("a version must be 0 or more, not " + version.getAsLong());
        }
    }

    /** Only if nobody has changed it since. */
    public SessionWrite ifVersion(long newVersion) {
        return new SessionWrite(OptionalLong.of(newVersion), clears, actions, settings, removes, history);
    }

    /** What the user did: a name or more. */
    public SessionWrite action(JsonValue action) {
        return new SessionWrite(version, clears, and(actions, action), settings, removes, history);
    }

    public SessionWrite set(String name, JsonValue value) {
        return set(name, new Setting(value, Optional.empty()));
    }

    /** A setting that ends by itself. */
    public SessionWrite set(String name, JsonValue value, Duration ttl) {
        return set(name, new Setting(value, Optional.of(ttl)));
    }

    private SessionWrite set(String name, Setting setting) {
        var all = new HashMap<>(settings);
        all.put(name, setting);
        return new SessionWrite(version, clears, actions, all, removes, history);
    }

    public SessionWrite remove(String name) {
        var all = new HashSet<>(removes);
        all.add(name);
        return new SessionWrite(version, clears, actions, settings, all, history);
    }

    /** What passed between user and bot. */
    public SessionWrite history(JsonValue entry) {
        return new SessionWrite(version, clears, actions, settings, removes, and(history, entry));
    }

    /** Whether it would change anything. */
    boolean changes() {
        return clears || adds() || !removes.isEmpty();
    }

    /** Whether something is there afterwards. */
    boolean adds() {
        return !actions.isEmpty() || !settings.isEmpty() || !history.isEmpty();
    }

    /** How much, not what. */
    @Override
    public String toString() {
        return "SessionWrite[" + actions.size() + " actions, " + settings.size() + " settings, " + removes.size()
                + " removed, " + history.size() + " for history]";
    }

    private static List<JsonValue> and(List<JsonValue> values, JsonValue more) {
        var all = new ArrayList<>(values);
        all.add(more);
        return all;
    }

    private static void requireAtMost(String what, int most, int given) {
        if (given > most) {
            throw new IllegalArgumentException("there may be " + most + " " + what + " in a write, not " + given);
        }
    }

    private static void requireSize(JsonValue value) {
        int length = value.json().getBytes(StandardCharsets.UTF_8).length;
        if (length > Sessions.LARGEST) {
            throw new IllegalArgumentException(
                    "an entry of a session must be at most " + Sessions.LARGEST + " bytes, not " + length);
        }
    }
}

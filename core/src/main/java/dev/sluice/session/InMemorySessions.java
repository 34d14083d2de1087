package dev.sluice.session;

import dev.sluice.session.Session.Entry;
import dev.sluice.session.Session.Temporary;
import dev.sluice.state.JsonValue;
import dev.sluice.state.SealedFields;
import dev.sluice.state.TooMuchStateException;
import dev.sluice.state.TouchedMap;
import dev.sluice.state.TouchedMap.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Sessions of one process. */
final class InMemorySessions implements Sessions {
    static final int MOST_SESSIONS = 100_000;
    static final long MOST_BYTES_OF_ALL = 64L << 20;

    /** What a session takes beside its entries, about. */
    private static final long OVERHEAD = 300;

    private final LongSupplier microClock;
    private final TouchedMap<SessionKey, Session> sessions;

    InMemorySessions(Duration keep, LongSupplier microClock, int most, long mostBytes) {
        Sessions.requireKeep(keep);
        this.microClock = microClock;
        sessions = new TouchedMap<>(keep, microClock, most, mostBytes);
    }

    @Override
    public Session find(SessionKey key) {
        return sessions.find(key)
                .map(session -> current(session, microClock.getAsLong()))
                .orElse(Session.NEW);
    }

    @Override
    public SessionAnswer write(SessionKey key, SessionWrite write) {
        return sessions.step(key, (held, now) -> {
            Session seen = held.orElse(Session.NEW);
            if (write.version().isPresent() && write.version().getAsLong() != seen.version()) {
                return same(held, new SessionAnswer.Unexpected(seen.version()));
            }
            if (!write.changes() || held.isEmpty() && !write.adds()) {
                return same(held, new SessionAnswer.Changed(seen.version()));
            }
            Session next = changed(current(seen, now), write, now);
            return new Step<>(Optional.of(next), bytes(next), new SessionAnswer.Changed(next.version()));
        });
    }

    @Override
    public long forget(long user) {
        return sessions.removeAll(key -> key.user() == user);
    }

    /** Memory may hold them. */
    @Override
    public long forgetText(long user) {
        return 0;
    }

    @Override
    public void forgetHere(long user) {
        forget(user);
    }

    @Override
    public void forgetHere(Set<Long> users) {
        sessions.removeAll(key -> users.contains(key.user()));
    }

    @Override
    public void forgetEverybodyHere() {
        sessions.removeAll(key -> true);
    }

    private static Step<Session, SessionAnswer> same(Optional<Session> held, SessionAnswer answer) {
        return new Step<>(held, held.map(InMemorySessions::bytes).orElse(0L), answer);
    }

    /** Without the settings that have ended. */
    private static Session current(Session session, long now) {
        Instant at = time(now);
        Map<String, Temporary> settings = new HashMap<>(session.settings());
        settings.values()
                .removeIf(setting ->
                        setting.ends().filter(end -> !end.isAfter(at)).isPresent());
        return new Session(session.version(), session.actions(), settings, session.history());
    }

    private static Session changed(Session seen, SessionWrite write, long now) {
        Session kept = write.clears() ? new Session(seen.version(), List.of(), Map.of(), List.of()) : seen;
        Map<String, Temporary> settings = new HashMap<>(kept.settings());
        settings.keySet().removeAll(write.removes());
        write.settings()
                .forEach((name, setting) -> settings.put(
                        name,
                        new Temporary(setting.value(), setting.ttl().map(ttl -> time(now + ttl.toMillis() * 1_000)))));
        if (!write.settings().isEmpty() && settings.size() > MOST_SETTINGS) {
            throw tooMuch(settings.size());
        }
        return new Session(
                Math.max(seen.version() + 1, now),
                newest(kept.actions(), write.actions(), MOST_ACTIONS, now),
                settings,
                newest(kept.history(), write.history(), MOST_HISTORY, now));
    }

    static TooMuchStateException tooMuch(long settings) {
        return new TooMuchStateException(MOST_SETTINGS + " settings in a session", Long.toString(settings));
    }

    private static List<Entry> newest(List<Entry> entries, List<JsonValue> more, int most, long now) {
        var all = new ArrayList<>(entries);
        more.forEach(value -> all.add(new Entry(value, time(now))));
        return all.subList(Math.max(0, all.size() - most), all.size());
    }

    private static long bytes(Session session) {
        long entries = Stream.concat(session.actions().stream(), session.history().stream())
                .mapToLong(entry -> SealedFields.size("", entry.value()))
                .sum();
        return OVERHEAD
                + entries
                + session.settings().entrySet().stream()
                        .mapToLong(setting -> SealedFields.size(
                                setting.getKey(), setting.getValue().value()))
                        .sum();
    }

    static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}

package dev.sluice.history;

import dev.sluice.history.HistoryLists.Line;
import dev.sluice.redis.KeyDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * An entry of which everything is known but when it is written.
 *
 * @param micros when it was said, or {@link HistoryLists#NOW}
 * @param user whose text it is, 0 if nobody's
 */
record Ready(ChatRole role, String text, String id, long micros, long user, int tokens) {
    /** What an entry takes besides its text, about. */
    private static final int OVERHEAD = 200;

    /** @throws IllegalArgumentException if it is somebody else's than the private chat's user's */
    static Ready of(HistoryKey key, NewEntry entry, TokenCounter counter) {
        if (key.isPrivate() && entry.user().isPresent() && entry.user().getAsLong() != key.chat()) {
            throw new IllegalArgumentException("in a private chat every entry is its user's, " + key.chat() + ", not "
                    + entry.user().getAsLong() + "'s");
        }
        return new Ready(
                entry.role(),
                entry.text(),
                entry.id().orElseGet(() -> UUID.randomUUID().toString()),
                entry.time()
                        .map(time -> ChronoUnit.MICROS.between(Instant.EPOCH, time))
                        .orElse(HistoryLists.NOW),
                entry.user().orElse(key.isPrivate() ? key.chat() : 0),
                entry.tokens()
                        .orElseGet(
                                () -> Math.clamp(counter.count(entry.role(), entry.text()), 0, NewEntry.MOST_TOKENS)));
    }

    /** As {@link #of}, of what a store says: without an id it has one by its content, so that the same loaded twice is the same. */
    static Ready loaded(HistoryKey key, NewEntry entry, TokenCounter counter) {
        NewEntry owned = key.isPrivate() ? entry.from(key.chat()) : entry;
        return of(
                key,
                owned.id().isPresent()
                        ? owned
                        : owned.id(KeyDigest.hex(owned.role() + " " + owned.time() + " " + owned.text())),
                counter);
    }

    static Ready of(HistoryEntry entry) {
        return new Ready(
                entry.role(),
                entry.text(),
                entry.id(),
                ChronoUnit.MICROS.between(Instant.EPOCH, entry.time()),
                entry.user().orElse(0),
                entry.tokens());
    }

    /** The same, said now unless it was said before. */
    Ready saidBy(long now) {
        return micros == HistoryLists.NOW ? new Ready(role, text, id, now, user, tokens) : this;
    }

    /** As a store is told of it. */
    NewEntry entry() {
        return new NewEntry(
                role,
                text,
                Optional.of(id),
                micros == HistoryLists.NOW
                        ? Optional.empty()
                        : Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS)),
                user == 0 ? OptionalLong.empty() : OptionalLong.of(user),
                OptionalInt.of(tokens));
    }

    Line line(HistoryKey key, HistorySeals seals) {
        return new Line(KeyDigest.hex(id), micros, tokens, user, seals.write(key, role, id, text));
    }

    int bytes() {
        return OVERHEAD + 2 * text.length();
    }

    /** Not the text, and not the id, which may be somebody's. */
    @Override
    public String toString() {
        return "Ready[" + role + ", " + text.length() + " characters]";
    }
}

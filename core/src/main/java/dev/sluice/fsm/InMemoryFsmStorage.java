package dev.sluice.fsm;

import dev.sluice.state.JsonValue;
import dev.sluice.state.SealedFields;
import dev.sluice.state.TooMuchStateException;
import dev.sluice.state.TouchedMap;
import dev.sluice.state.TouchedMap.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Conversations of one process. */
final class InMemoryFsmStorage implements FsmStorage {
    static final int MOST_CONVERSATIONS = 100_000;
    static final long MOST_BYTES_OF_ALL = 64L << 20;

    /** What a conversation takes beside its data, about. */
    private static final long OVERHEAD = 300;

    private final TouchedMap<ConversationKey, Held> conversations;

    /** @param fence the greatest that was seen; 0 for none */
    private record Held(Conversation conversation, long fence) {
        static final Held NEW = new Held(Conversation.NEW, 0);
    }

    InMemoryFsmStorage(Duration keep, LongSupplier microClock, int most, long mostBytes) {
        FsmStorage.requireKeep(keep);
        conversations = new TouchedMap<>(keep, microClock, most, mostBytes);
    }

    @Override
    public Conversation find(ConversationKey key) {
        return conversations.find(key).orElse(Held.NEW).conversation();
    }

    @Override
    public long forget(long user) {
        return conversations.removeAll(key -> key.user() == user || key.chat() == user);
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
        conversations.removeAll(key -> users.contains(key.user()) || users.contains(key.chat()));
    }

    @Override
    public void forgetEverybodyHere() {
        conversations.removeAll(key -> true);
    }

    @Override
    public FsmAnswer write(ConversationKey key, FsmWrite write) {
        return conversations.step(key, (held, now) -> {
            Held before = held.orElse(Held.NEW);
            Conversation seen = before.conversation();
            long fence = write.fence().orElse(0);
            if (fence > 0 && fence < before.fence()) {
                return same(held, new FsmAnswer.Overtaken(before.fence()));
            }
            if (!isExpected(write, seen)) {
                return same(held, new FsmAnswer.Unexpected(seen.version(), seen.state()));
            }
            Conversation next = write.changes() ? changed(seen, write, now) : seen;
            var after = new Held(next, Math.max(fence, before.fence()));
            var answer = new FsmAnswer.Changed(next.version(), seen.state());
            // Nothing was there and nothing is to be.
            return held.isEmpty() && next.isEmpty() && fence == 0
                    ? same(held, new FsmAnswer.Changed(0, Optional.empty()))
                    : new Step<>(Optional.of(after), OVERHEAD + bytes(next.data()), answer);
        });
    }

    private static Step<Held, FsmAnswer> same(Optional<Held> held, FsmAnswer answer) {
        return new Step<>(
                held,
                held.map(one -> OVERHEAD + bytes(one.conversation().data())).orElse(0L),
                answer);
    }

    private static boolean isExpected(FsmWrite write, Conversation seen) {
        if (write.version().isPresent() && write.version().getAsLong() != seen.version()) {
            return false;
        }
        return switch (write.expected()) {
            case StateTerm.Any any -> true;
            case StateTerm.None none -> seen.state().isEmpty();
            case StateTerm.Named(String name) -> seen.state().equals(Optional.of(name));
        };
    }

    private static Conversation changed(Conversation seen, FsmWrite write, long now) {
        Map<String, JsonValue> data = new HashMap<>(write.replaces() ? Map.of() : seen.data());
        data.keySet().removeAll(write.removes());
        data.putAll(write.puts());
        long bytes = bytes(data);
        if (!write.puts().isEmpty() && (data.size() > MOST_FIELDS || bytes > MOST_BYTES)) {
            throw tooMuch(data.size(), bytes);
        }
        Optional<String> state = switch (write.next()) {
            case StateTerm.Any any -> seen.state();
            case StateTerm.None none -> Optional.empty();
            case StateTerm.Named(String name) -> Optional.of(name);
        };
        return new Conversation(Math.max(seen.version() + 1, now), state, data);
    }

    static TooMuchStateException tooMuch(long fields, long bytes) {
        return new TooMuchStateException(
                MOST_FIELDS + " fields of " + MOST_BYTES + " bytes together", fields + " of " + bytes);
    }

    private static long bytes(Map<String, JsonValue> data) {
        return data.entrySet().stream()
                .mapToLong(field -> SealedFields.size(field.getKey(), field.getValue()))
                .sum();
    }
}

package dev.sluice.fsm;

import dev.sluice.state.ContendedException;
import dev.sluice.state.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Which states a conversation can have and what leads from one to another. Immutable and thread-safe.
 *
 * <p>Guarantee: of any number who fire at the same time, in any process, each moves on from what the one before has stored: a transition and the
 * data that come with it are stored in one step, and only if nobody has changed the conversation since its guard saw it. The action of a
 * transition runs afterwards, in the thread that fired, at most once: a process that dies in between has moved and not acted. What must happen in
 * any case is queued under an idempotency key before, or looked for in the state.
 *
 * @param <S> the states; a conversation without one is in the initial state
 * @param <E> the events, compared by {@code equals}
 */
public final class StateMachine<S extends Enum<S>, E> {
    private final Class<S> states;
    private final S initial;
    private final Map<From<S, E>, List<Transition<S, E>>> transitions;

    private record From<S, E>(S state, E event) {}

    private record Transition<S extends Enum<S>, E>(
            S to, BiPredicate<Conversation, E> guard, Consumer<Moved<S>> action) {}

    private StateMachine(Class<S> states, S initial, Map<From<S, E>, List<Transition<S, E>>> transitions) {
        this.states = states;
        this.initial = initial;
        this.transitions = transitions.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
    }

    /** What became of an event. */
    public sealed interface Firing<S extends Enum<S>> {
        /**
         * The transition, if there was one.
         *
         * @throws IllegalTransitionException if there was none
         * @throws OvertakenException if the lock under which it was to be was lost
         */
        Moved<S> orThrow();
    }

    /**
     * The conversation has moved.
     *
     * @param version that it has now
     */
    public record Moved<S extends Enum<S>>(ConversationKey key, S from, S to, long version) implements Firing<S> {
        @Override
        public Moved<S> orThrow() {
            return this;
        }
    }

    /**
     * Nothing leads on from that state by that event, or every guard said no. Nothing was changed.
     *
     * @param event its name, or its text if some transition is declared for it; else it may be what somebody said, and is not repeated
     * @param guarded whether there was a guard that said no
     */
    public record Illegal<S extends Enum<S>>(S state, String event, boolean guarded) implements Firing<S> {
        @Override
        public Moved<S> orThrow() {
            throw new IllegalTransitionException(state.name(), event, guarded);
        }
    }

    /**
     * Somebody with a greater fence was there; nothing was changed. The lock was lost: stop.
     *
     * @param fence the greatest that was seen
     */
    public record Overtaken<S extends Enum<S>>(long fence) implements Firing<S> {
        @Override
        public Moved<S> orThrow() {
            throw new OvertakenException(fence);
        }
    }

    /** @param initial of a conversation that has none yet */
    public static <S extends Enum<S>, E> Builder<S, E> from(S initial) {
        return new Builder<>(initial);
    }

    /** Declares the transitions. Not thread-safe. */
    public static final class Builder<S extends Enum<S>, E> {
        private final S initial;
        private final Map<From<S, E>, List<Transition<S, E>>> transitions = new HashMap<>();

        private Builder(S initial) {
            this.initial = initial;
        }

        /** From a state to another by an event. */
        public Builder<S, E> on(S from, E event, S to) {
            return on(from, event, to, (conversation, fired) -> true, moved -> {});
        }

        /** The same with an action. */
        public Builder<S, E> on(S from, E event, S to, Consumer<Moved<S>> action) {
            return on(from, event, to, (conversation, fired) -> true, action);
        }

        /**
         * Of several from one state by one event, the first is taken whose guard says yes.
         *
         * @param guard is given the conversation as it is; may be asked several times and must do nothing else
         * @param action runs once the transition is stored; what it throws, {@link StateMachine#fire} throws
         */
        public Builder<S, E> on(S from, E event, S to, BiPredicate<Conversation, E> guard, Consumer<Moved<S>> action) {
            transitions
                    .computeIfAbsent(new From<>(from, event), any -> new ArrayList<>())
                    .add(new Transition<>(to, guard, action));
            return this;
        }

        /** @throws IllegalArgumentException if the name of a state cannot be stored */
        public StateMachine<S, E> build() {
            Class<S> states = initial.getDeclaringClass();
            for (S state : states.getEnumConstants()) {
                StateTerm.named(state.name());
            }
            return new StateMachine<>(states, initial, transitions);
        }
    }

    /** As {@link #fire(FsmStorage, ConversationKey, Object, Map)} without data. */
    public Firing<S> fire(FsmStorage storage, ConversationKey key, E event) {
        return fire(storage, key, event, Map.of());
    }

    /**
     * Moves a conversation on by an event.
     *
     * @param data is put with the transition, beside what is there
     * @throws UnknownStateException if it has a state that is none of these
     * @throws ContendedException if others were first {@link FsmStorage#MOST_ATTEMPTS} times
     */
    public Firing<S> fire(FsmStorage storage, ConversationKey key, E event, Map<String, JsonValue> data) {
        return fire(key, () -> storage.find(key), write -> storage.write(key, write), event, data);
    }

    /** As {@link #fire(IsolatedConversation, Object, Map)} without data. */
    public Firing<S> fire(IsolatedConversation conversation, E event) {
        return fire(conversation, event, Map.of());
    }

    /** As {@link #fire(FsmStorage, ConversationKey, Object, Map)}, under the fence: {@link Overtaken} if the lock was lost to another. */
    public Firing<S> fire(IsolatedConversation conversation, E event, Map<String, JsonValue> data) {
        return fire(conversation.key(), conversation::find, conversation::write, event, data);
    }

    private Firing<S> fire(
            ConversationKey key,
            Supplier<Conversation> look,
            Function<FsmWrite, FsmAnswer> change,
            E event,
            Map<String, JsonValue> data) {
        for (int attempt = 0; attempt < FsmStorage.MOST_ATTEMPTS; attempt++) {
            Conversation seen = look.get();
            S state = stateOf(seen);
            var declared = transitions.getOrDefault(new From<>(state, event), List.of());
            var next = declared.stream()
                    .filter(transition -> transition.guard().test(seen, event))
                    .findFirst();
            if (next.isEmpty()) {
                return new Illegal<>(state, name(event), !declared.isEmpty());
            }
            var write = FsmWrite.NOTHING
                    .ifVersion(seen.version())
                    .toState(next.get().to().name())
                    .put(data);
            switch (change.apply(write)) {
                case FsmAnswer.Changed changed -> {
                    var moved = new Moved<>(key, state, next.get().to(), changed.version());
                    next.get().action().accept(moved);
                    return moved;
                }
                case FsmAnswer.Overtaken(long fence) -> {
                    return new Overtaken<>(fence);
                }
                case FsmAnswer.Unexpected unexpected -> {
                    // Somebody was first: again, from where that has led.
                }
            }
        }
        throw new ContendedException(FsmStorage.MOST_ATTEMPTS);
    }

    private String name(E event) {
        if (event instanceof Enum<?> constant) {
            return constant.name();
        }
        boolean isDeclared =
                transitions.keySet().stream().anyMatch(from -> from.event().equals(event));
        return isDeclared ? event.toString() : "an event that leads nowhere";
    }

    /**
     * Which of the states a conversation has.
     *
     * @throws UnknownStateException if it is none of these
     */
    public S stateOf(Conversation conversation) {
        if (conversation.state().isEmpty()) {
            return initial;
        }
        String name = conversation.state().get();
        for (S state : states.getEnumConstants()) {
            if (state.name().equals(name)) {
                return state;
            }
        }
        throw new UnknownStateException(name, states);
    }
}

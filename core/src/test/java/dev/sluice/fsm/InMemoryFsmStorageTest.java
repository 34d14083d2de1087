package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.state.StateFullException;
import org.junit.jupiter.api.Test;

class InMemoryFsmStorageTest extends FsmStorageContract {
    private final FsmStorage storage = FsmStorage.inMemory(KEEP, clock, StateEvents.NONE);

    @Override
    FsmStorage storage() {
        return storage;
    }

    @Test
    void beyond_the_bounds_nothing_is_dropped_and_what_is_new_is_refused_until_something_is_forgotten() {
        var bounded = new InMemoryFsmStorage(KEEP, clock, 2, 3_000);
        bounded.write(ANN, NOTHING.toState("a"));
        clock.advance(KEEP.dividedBy(2));
        bounded.write(ANN.withThread(1), NOTHING.toState("b"));
        assertThatThrownBy(() -> bounded.write(ANN.withThread(2), NOTHING.toState("c")))
                .isInstanceOf(StateFullException.class);
        assertThatThrownBy(() -> bounded.write(ANN, NOTHING.put("long", JsonValue.of("x".repeat(3_000)))))
                .isInstanceOf(StateFullException.class);
        assertThat(bounded.find(ANN.withThread(1)).state()).contains("b");
        clock.advance(KEEP);
        bounded.write(ANN.withThread(2), NOTHING.toState("c").put("long", JsonValue.of("x".repeat(2_000))));
        assertThat(bounded.find(ANN)).isEqualTo(Conversation.NEW);
    }
}

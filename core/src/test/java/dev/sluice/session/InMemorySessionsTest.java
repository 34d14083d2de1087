package dev.sluice.session;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.state.StateFullException;
import org.junit.jupiter.api.Test;

class InMemorySessionsTest extends SessionsContract {
    private final Sessions sessions = Sessions.inMemory(KEEP, clock, StateEvents.NONE);

    @Override
    Sessions sessions() {
        return sessions;
    }

    @Test
    void beyond_the_bound_what_is_new_is_refused_until_something_is_forgotten() {
        var bounded = new InMemorySessions(KEEP, clock, 1, 10_000);
        bounded.write(ANN, NOTHING.action(JsonValue.NULL));
        var other = new SessionKey(ANN.bot(), 43);
        assertThatThrownBy(() -> bounded.write(other, NOTHING.action(JsonValue.NULL)))
                .isInstanceOf(StateFullException.class);
        clock.advance(KEEP);
        bounded.write(other, NOTHING.action(JsonValue.NULL));
    }
}

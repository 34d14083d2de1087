package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.fsm.StateMachine.Firing;
import dev.sluice.fsm.StateMachine.Illegal;
import dev.sluice.fsm.StateMachine.Moved;
import dev.sluice.state.ContendedException;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StateMachineTest {
    private static final ConversationKey ANN = FsmStorageContract.ANN;

    private enum Order {
        NEW,
        PAYING,
        PAID,
        GIVEN_UP
    }

    private enum Event {
        PAY,
        CANCEL,
        TICK
    }

    private final FsmStorage storage = FsmStorage.inMemory(FsmStorage.USUAL_KEEP, StateEvents.NONE);
    private final List<Moved<Order>> acted = new CopyOnWriteArrayList<>();
    private final StateMachine<Order, Event> machine = StateMachine.<Order, Event>from(Order.NEW)
            .on(Order.NEW, Event.PAY, Order.PAYING)
            .on(
                    Order.PAYING,
                    Event.PAY,
                    Order.PAID,
                    (conversation, event) -> conversation.value("sum").isPresent(),
                    acted::add)
            .on(Order.PAYING, Event.CANCEL, Order.GIVEN_UP, moved -> {
                throw new IllegalStateException("dies here");
            })
            .on(Order.NEW, Event.TICK, Order.NEW)
            .build();

    @Test
    void a_conversation_moves_as_declared_with_its_data_and_acts_once_it_is_stored() {
        Moved<Order> first = machine.fire(storage, ANN, Event.PAY, Map.of("sum", JsonValue.of(9)))
                .orThrow();
        assertThat(first.from()).isEqualTo(Order.NEW);
        assertThat(storage.find(ANN).state()).contains("PAYING");
        assertThat(storage.find(ANN).version()).isEqualTo(first.version());
        Firing<Order> second = machine.fire(storage, ANN, Event.PAY);
        assertThat(acted).singleElement().isEqualTo(second);
        assertThat(machine.stateOf(storage.find(ANN))).isEqualTo(Order.PAID);
    }

    @Test
    void what_is_not_declared_or_not_guarded_so_is_illegal_and_changes_nothing() {
        assertThat(machine.fire(storage, ANN, Event.CANCEL)).isEqualTo(new Illegal<>(Order.NEW, "CANCEL", false));
        assertThat(storage.find(ANN)).isEqualTo(Conversation.NEW);
        machine.fire(storage, ANN, Event.PAY).orThrow();
        Firing<Order> guarded = machine.fire(storage, ANN, Event.PAY);
        assertThat(guarded).isEqualTo(new Illegal<>(Order.PAYING, "PAY", true));
        assertThatThrownBy(guarded::orThrow)
                .isInstanceOf(IllegalTransitionException.class)
                .hasMessage("nothing leads on from PAYING by PAY: its guard said no");
        assertThat(acted).isEmpty();
    }

    /** Crash between steps: after the transition, before its action. */
    @Test
    void an_action_that_fails_leaves_the_transition_stored() {
        machine.fire(storage, ANN, Event.PAY).orThrow();
        assertThatThrownBy(() -> machine.fire(storage, ANN, Event.CANCEL)).hasMessage("dies here");
        assertThat(storage.find(ANN).state()).contains("GIVEN_UP");
    }

    @Test
    void of_64_who_fire_at_once_one_moves_it() throws Exception {
        machine.fire(storage, ANN, Event.PAY, Map.of("sum", JsonValue.of(9))).orThrow();
        int moved = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Firing<Order>>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                all.add(threads.submit(() -> machine.fire(storage, ANN, Event.PAY)));
            }
            for (Future<Firing<Order>> one : all) {
                moved += one.get() instanceof Moved<Order> ? 1 : 0;
            }
        }
        assertThat(moved).isEqualTo(1);
        assertThat(acted).hasSize(1);
    }

    @Test
    void a_guard_is_asked_again_if_somebody_came_first() {
        var asked = new ArrayList<Long>();
        StateMachine<Order, Event> racing = StateMachine.<Order, Event>from(Order.NEW)
                .on(
                        Order.NEW,
                        Event.PAY,
                        Order.PAID,
                        (conversation, event) -> {
                            asked.add(conversation.version());
                            if (asked.size() == 1) {
                                storage.write(ANN, FsmWrite.NOTHING.put("credit", JsonValue.of(0)));
                            }
                            return conversation.value("credit").isEmpty();
                        },
                        moved -> {})
                .build();
        assertThat(racing.fire(storage, ANN, Event.PAY)).isEqualTo(new Illegal<>(Order.NEW, "PAY", true));
        assertThat(asked).hasSize(2);
    }

    @Test
    void firing_gives_up_after_so_many_others() {
        StateMachine<Order, Event> racing = StateMachine.<Order, Event>from(Order.NEW)
                .on(
                        Order.NEW,
                        Event.TICK,
                        Order.PAID,
                        (conversation, event) -> {
                            storage.write(ANN, FsmWrite.NOTHING.put("x", JsonValue.NULL));
                            return true;
                        },
                        moved -> {})
                .build();
        assertThatThrownBy(() -> racing.fire(storage, ANN, Event.TICK)).isInstanceOf(ContendedException.class);
    }

    @Test
    void an_event_that_nothing_is_declared_for_is_not_repeated_as_it_may_be_what_somebody_said() {
        StateMachine<Order, String> words = StateMachine.<Order, String>from(Order.NEW)
                .on(Order.PAYING, "pay", Order.PAID)
                .build();
        assertThat(words.fire(storage, ANN, "pay")).isEqualTo(new Illegal<>(Order.NEW, "pay", false));
        assertThatThrownBy(() -> words.fire(storage, ANN, "my secret").orThrow())
                .isInstanceOf(IllegalTransitionException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_state_of_another_machine_is_an_error_that_names_it() {
        storage.write(ANN, FsmWrite.NOTHING.toState("Order:old"));
        assertThatThrownBy(() -> machine.fire(storage, ANN, Event.PAY))
                .isInstanceOf(UnknownStateException.class)
                .hasMessageContaining("Order:old")
                .hasMessageContaining("PAYING");
    }
}

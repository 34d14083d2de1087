package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.fsm.ConversationLocks.Entry.Busy;
import dev.sluice.fsm.ConversationLocks.Entry.Entered;
import dev.sluice.limit.SettableMicros;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockEvents;
import dev.sluice.lock.Locks;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConversationLocksTest {
    private static final ConversationKey ANN = FsmStorageContract.ANN;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SettableMicros clock = new SettableMicros();
    private final FsmStorage storage = FsmStorage.inMemory(FsmStorage.USUAL_KEEP, clock, StateEvents.NONE);
    private final Leases leases = Leases.inMemory(clock, LockEvents.NONE);
    private final Locks locks = new Locks(leases, new Random(1));
    private final ConversationLocks isolation = new ConversationLocks(storage, locks);

    @AfterEach
    void close() {
        locks.close();
        leases.close();
    }

    private IsolatedConversation entered(Duration wait) throws InterruptedException {
        return ((Entered) isolation.enter(ANN, wait)).conversation();
    }

    @Test
    void one_is_at_a_conversation_at_a_time_and_others_are_not_kept_from_other_conversations() throws Exception {
        try (IsolatedConversation first = entered(Duration.ZERO)) {
            assertThat(isolation.enter(ANN, Duration.ZERO)).isInstanceOf(Busy.class);
            assertThat(isolation.enter(ANN.withThread(1), Duration.ZERO)).isInstanceOf(Entered.class);
            assertThat(first.isHeld()).isTrue();
        }
        entered(Duration.ZERO).close();
    }

    @Test
    void handlers_that_look_and_then_write_lose_nothing() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(() -> {
                    try (IsolatedConversation own = entered(PATIENCE)) {
                        long count = own.find()
                                .value("count")
                                .map(value -> value.asWhole().orElseThrow())
                                .orElse(0L);
                        return own.write(FsmWrite.NOTHING.put("count", JsonValue.of(count + 1)));
                    }
                }));
            }
            for (Future<?> one : all) {
                assertThat(one.get()).isInstanceOf(FsmAnswer.Changed.class);
            }
        }
        assertThat(storage.find(ANN).value("count")).contains(JsonValue.of(16));
    }

    @Test
    void who_was_stopped_beyond_its_lease_writes_nothing_from_when_the_next_is_in() throws Exception {
        IsolatedConversation stopped = entered(Duration.ZERO);
        stopped.write(FsmWrite.NOTHING.toState("a"));
        clock.advance(Duration.ofMinutes(1));
        try (IsolatedConversation next = entered(PATIENCE)) {
            assertThat(next.fence()).isGreaterThan(stopped.fence());
            assertThat(stopped.write(FsmWrite.NOTHING.toState("late")))
                    .isEqualTo(new FsmAnswer.Overtaken(next.fence()));
            assertThat(stopped.update(seen -> FsmWrite.CLEAR)).isInstanceOf(FsmAnswer.Overtaken.class);
            assertThat(next.find().state()).contains("a");
            assertThat(next.update(seen -> FsmWrite.NOTHING.toState("b"))).isInstanceOf(FsmAnswer.Changed.class);
        }
        stopped.close();
        assertThat(storage.find(ANN).state()).contains("b");
    }

    @Test
    void who_cannot_tell_its_fence_holds_nothing() throws Exception {
        FsmStorage away = new FsmStorage() {
            @Override
            public Conversation find(ConversationKey key) {
                throw new RedisUnavailableException("away", false, null);
            }

            @Override
            public long forget(long user) {
                throw new RedisUnavailableException("away", false, null);
            }

            @Override
            public FsmAnswer write(ConversationKey key, FsmWrite write) {
                throw new RedisUnavailableException("away", false, null);
            }
        };
        assertThatThrownBy(() -> new ConversationLocks(away, locks).enter(ANN, Duration.ZERO))
                .isInstanceOf(RedisUnavailableException.class);
        entered(Duration.ZERO).close();
    }

    @Test
    void who_was_overtaken_before_it_was_in_is_not_let_in_and_holds_nothing() throws Exception {
        storage.write(ANN, FsmWrite.NOTHING.underFence(ConversationKey.GREATEST_ID));
        assertThat(isolation.enter(ANN, Duration.ZERO)).isEqualTo(new Busy(Duration.ZERO));
        clock.advance(FsmStorage.USUAL_KEEP);
        entered(Duration.ZERO).close();
    }

    private enum Step {
        FIRST,
        SECOND
    }

    @Test
    void a_machine_moves_a_conversation_under_its_lock_and_does_nothing_when_that_was_lost() throws Exception {
        var acted = new ArrayList<StateMachine.Moved<Step>>();
        StateMachine<Step, String> machine = StateMachine.<Step, String>from(Step.FIRST)
                .on(Step.FIRST, "go", Step.SECOND, acted::add)
                .build();
        IsolatedConversation stopped = entered(Duration.ZERO);
        clock.advance(Duration.ofMinutes(1));
        try (IsolatedConversation next = entered(PATIENCE)) {
            var overtaken = machine.fire(stopped, "go");
            assertThat(overtaken).isEqualTo(new StateMachine.Overtaken<Step>(next.fence()));
            assertThatThrownBy(overtaken::orThrow)
                    .isInstanceOfSatisfying(
                            OvertakenException.class, e -> assertThat(e.fence()).isEqualTo(next.fence()));
            assertThat(acted).isEmpty();
            assertThat(machine.fire(next, "go", Map.of("x", JsonValue.NULL)).orThrow())
                    .isEqualTo(acted.getFirst());
            assertThat(next.find().state()).contains("SECOND");
        }
        stopped.close();
    }
}

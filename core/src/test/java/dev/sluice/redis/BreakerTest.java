package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.Breaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private final ManualTimer timer = new ManualTimer();
    private final List<State> changes = new ArrayList<>();
    private boolean alive;
    private long nowNanos;
    private double random;

    private final Breaker breaker = new Breaker(
            Breaker.Settings.DEFAULT,
            () -> {
                if (!alive) {
                    throw new RedisUnavailableException("silent", true, null);
                }
            },
            changes::add,
            timer,
            () -> nowNanos,
            new Random() {
                private static final long serialVersionUID = 1L;

                @Override
                public double nextDouble() {
                    return random;
                }
            });

    @Test
    void it_opens_after_three_calls_in_a_row_without_answer() {
        breaker.unanswered();
        breaker.unanswered();
        assertThat(breaker.allows()).isTrue();

        breaker.unanswered();

        assertThat(breaker.allows()).isFalse();
        assertThat(breaker.callsRejected()).isEqualTo(1);
        assertThat(changes).containsExactly(State.OPEN);
    }

    @Test
    void an_answer_in_between_keeps_it_closed() {
        for (int i = 0; i < 10; i++) {
            breaker.unanswered();
            breaker.unanswered();
            breaker.answered();
        }

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(changes).isEmpty();
    }

    @Test
    void it_opens_at_once_without_a_connection() {
        breaker.refused();

        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void a_failed_probe_keeps_it_open_and_is_no_change() {
        breaker.refused();

        timer.runNext();
        timer.runNext();

        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(changes).containsExactly(State.OPEN);
    }

    @Test
    void one_successful_probe_closes_it() {
        breaker.refused();
        timer.runNext();
        alive = true;

        timer.runNext();

        assertThat(breaker.allows()).isTrue();
        assertThat(changes).containsExactly(State.OPEN, State.CLOSED);
        assertThat(timer.tasks).isEmpty();
    }

    @Test
    void no_call_passes_while_a_probe_is_under_way() {
        var seen = new ArrayList<State>();
        var observed = new Breaker[1];
        observed[0] = new Breaker(
                Breaker.Settings.DEFAULT,
                () -> {
                    seen.add(observed[0].state());
                    assertThat(observed[0].allows()).isFalse();
                },
                changes::add,
                timer,
                () -> 0,
                new Random(1));
        observed[0].refused();

        timer.runNext();

        assertThat(seen).containsExactly(State.HALF_OPEN);
        assertThat(observed[0].state()).isEqualTo(State.CLOSED);
    }

    @Test
    void failures_of_calls_that_began_before_it_opened_change_nothing() {
        breaker.refused();

        breaker.refused();
        breaker.unanswered();
        breaker.unanswered();
        breaker.unanswered();

        assertThat(timer.tasks).hasSize(1);
        assertThat(breaker.timesOpened()).isEqualTo(1);
    }

    @Test
    void pauses_between_probes_grow_up_to_a_second_and_never_shrink_below_the_least() {
        random = 0.999_999;
        breaker.refused();

        assertThat(pauses(5)).containsExactly(200L, 400L, 800L, 1000L, 1000L);

        random = 0;
        timer.runNext();
        assertThat(pauses(2)).containsExactly(100L, 100L);
    }

    @Test
    void a_relapse_soon_after_closing_goes_on_with_long_pauses() {
        random = 0.999_999;
        breaker.refused();
        assertThat(pauses(3)).containsExactly(200L, 400L, 800L);
        alive = true;
        timer.runNext();
        alive = false;

        nowNanos += Duration.ofMillis(500).toNanos();
        breaker.refused();
        assertThat(pauses(1)).containsExactly(1000L);

        alive = true;
        timer.runNext();
        alive = false;
        nowNanos += Duration.ofSeconds(2).toNanos();
        breaker.refused();
        assertThat(pauses(1)).containsExactly(200L);
    }

    @Test
    void a_closed_down_breaker_probes_no_more() {
        breaker.refused();
        breaker.close();
        alive = true;

        timer.runNext();

        assertThat(timer.tasks).isEmpty();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void many_failing_callers_open_it_once() throws InterruptedException {
        var start = new CountDownLatch(1);
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                callers.execute(() -> {
                    awaitQuietly(start);
                    breaker.unanswered();
                });
            }
            start.countDown();
            callers.shutdown();
            assertThat(callers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(changes).containsExactly(State.OPEN);
        assertThat(timer.tasks).hasSize(1);
    }

    private List<Long> pauses(int count) {
        var pauses = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            // Rounded: the largest random number is a little below one.
            pauses.add(Math.round(timer.runNext().toNanos() / 1e6));
        }
        return pauses;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeadlineWatchTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final DeadlineWatch watch = new DeadlineWatch();

    @Test
    void a_wait_ends_when_its_deadline_passes() {
        var wait = new CompletableFuture<String>();

        watch.add(wait, Deadline.in(Duration.ofMillis(20)));

        assertThatThrownBy(() -> wait.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void a_shorter_wait_that_comes_later_is_not_held_up_by_a_longer_one() {
        var longer = new CompletableFuture<String>();
        var shorter = new CompletableFuture<String>();

        watch.add(longer, Deadline.in(LONG));
        watch.add(shorter, Deadline.in(Duration.ofMillis(20)));

        assertThatThrownBy(() -> shorter.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
        assertThat(longer).isNotDone();
    }

    @Test
    void a_wait_that_was_answered_is_left_alone_and_let_go_of() {
        var wait = new CompletableFuture<String>();

        watch.add(wait, Deadline.in(LONG));
        wait.complete("reply");

        await().atMost(10, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(watch.held()).isZero());
        assertThat(wait).isCompletedWithValue("reply");
    }

    @Test
    void no_wait_is_forgotten_when_many_begin_at_the_same_time() throws InterruptedException {
        var ended = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Duration length = Duration.ofMillis(1 + i % 50);
            threads.add(Thread.startVirtualThread(() -> {
                var wait = new CompletableFuture<String>();
                watch.add(wait, Deadline.in(length));
                try {
                    wait.join();
                } catch (RuntimeException e) {
                    ended.incrementAndGet();
                }
            }));
        }

        for (Thread thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        }
        assertThat(ended).hasValue(500);
    }
}

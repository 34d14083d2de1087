package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads at one queue: nothing is sent twice, nothing is lost, and one chat has one message in flight. */
abstract class QueueConcurrencyContract extends QueueSharesContract {
    private static final int WORKERS = 8;
    private static final int ENQUEUERS = 2;
    private static final int CHATS = 20;
    private static final int EACH = 300;
    private static final List<Priority> PRIORITIES = List.of(Priority.values());

    private final ConcurrentLinkedQueue<Leased> sent = new ConcurrentLinkedQueue<>();
    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> twiceInFlight = new ConcurrentLinkedQueue<>();
    private final AtomicInteger given = new AtomicInteger();

    @Test
    void eight_workers_send_everything_once_and_in_order() throws Exception {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < ENQUEUERS; i++) {
                int enqueuer = i;
                running.add(threads.submit(() -> {
                    start.await();
                    enqueue(enqueuer);
                    return null;
                }));
            }
            for (int i = 0; i < WORKERS; i++) {
                running.add(threads.submit(() -> {
                    start.await();
                    work();
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> thread : running) {
                thread.get(60, TimeUnit.SECONDS);
            }
        }

        assertThat(sent).extracting(Leased::id).doesNotHaveDuplicates().hasSize(ENQUEUERS * EACH);
        assertThat(twiceInFlight).isEmpty();
        for (int chat = 0; chat < CHATS; chat++) {
            String prefix = (chat + 1) + ":";
            for (Priority priority : Priority.values()) {
                List<MessageId> ofChat = sent.stream()
                        .filter(leased -> text(leased).startsWith(prefix) && leased.priority() == priority)
                        .sorted(Comparator.comparingLong(
                                leased -> leased.lease().fence()))
                        .map(Leased::id)
                        .toList();
                assertThat(ofChat).as("chat %s, %s", prefix, priority).isSorted();
            }
        }
        assertThat(statistics().sent()).isEqualTo(ENQUEUERS * EACH);
        assertThat(statistics().pending()).isZero();
    }

    private void enqueue(int enqueuer) {
        for (int i = 0; i < EACH; i++) {
            long chat = (i * 7L + enqueuer) % CHATS + 1;
            Priority priority = PRIORITIES.get(i % 3);
            String text = chat + ":" + enqueuer + ":" + i;
            add(message(ChatId.of(chat), text).withPriority(priority));
        }
        given.incrementAndGet();
    }

    private void work() throws InterruptedException {
        while (true) {
            boolean all = given.get() == ENQUEUERS;
            List<Leased> claimed =
                    queue.awaitWork(BOT, 5, Duration.ofMillis(20)).messages();
            var settlements = new ArrayList<Settlement>();
            for (Leased leased : claimed) {
                String chat = text(leased).substring(0, text(leased).indexOf(':'));
                if (!inFlight.add(chat)) {
                    twiceInFlight.add(chat);
                }
                sent.add(leased);
                inFlight.remove(chat);
                settlements.add(leased.ends(new Ending.Sent(new byte[0])));
            }
            queue.settle(BOT, settlements);
            if (all && statistics().pending() == 0) {
                return;
            }
        }
    }

    @Test
    void a_worker_that_waits_is_woken_by_what_is_enqueued_here() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Claims> waiting = threads.submit(() -> queue.awaitWork(BOT, 1, Duration.ofSeconds(30)));
            add(ANN, "a");

            assertThat(waiting.get(20, TimeUnit.SECONDS).messages()).hasSize(1);
        }
    }

    @Test
    void waiting_for_work_ends_in_time() throws Exception {
        assertThat(queue.awaitWork(BOT, 1, Duration.ofMillis(30)).messages()).isEmpty();
    }
}

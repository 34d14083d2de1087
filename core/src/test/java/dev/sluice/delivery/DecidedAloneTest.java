package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.Ruling;
import dev.sluice.limit.Ticket;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DecidedAloneTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final WaitingRoom room = new WaitingRoom(10);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final DecidedAlone alone = new DecidedAlone();

    @AfterEach
    void close() {
        threads.shutdownNow();
        room.close();
    }

    /** @return how often it asked; each time it is denied for an hour */
    private AtomicInteger waiting(Bucket bucket) {
        var asked = new AtomicInteger();
        threads.submit(() -> {
            try (Ticket ticket = room.enter(
                            bucket.subject(), Acquisition.of(charge(bucket)).charges(), Priority.NORMAL)
                    .orElseThrow()) {
                return ticket.await(HOUR, () -> {
                    asked.incrementAndGet();
                    return new Ruling.NotYet<>(new Decision.Denied(bucket, Decision.Cause.LIMIT, HOUR, 0));
                });
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() == 1);
        return asked;
    }

    private static Charge charge(Bucket bucket) {
        return new Charge(bucket, Limit.atMost(1, HOUR), 1);
    }

    @Test
    void who_waits_for_what_was_decided_alone_asks_again_once_and_nobody_else_does() {
        var one = new Bucket("1", "group", "one");
        var other = new Bucket("1", "group", "other");
        AtomicInteger ofOne = waiting(one);
        AtomicInteger ofOther = waiting(other);
        alone.note(Acquisition.of(charge(one)));
        alone.reopen(room);
        await().atMost(Duration.ofSeconds(30)).until(() -> ofOne.get() == 2);

        alone.reopen(room);
        alone.note(Acquisition.of(charge(other)));
        alone.reopen(room);
        await().atMost(Duration.ofSeconds(30)).until(() -> ofOther.get() == 2);
        assertThat(ofOne).as("told of once").hasValue(2);
    }
}

package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One of several leads, whatever becomes of it. */
@Timeout(120)
abstract class LeaderElectionContract {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);
    private static final LockRequest REQUEST = LockRequest.of("leader").withLease(Lease.SHORTEST.multipliedBy(3));

    private final List<Candidate> candidates = new ArrayList<>();
    private final List<String> told = new CopyOnWriteArrayList<>();

    abstract LockStore store();

    // A process that stands.
    private final class Candidate implements AutoCloseable {
        final TroubledLockStore store = new TroubledLockStore(store());
        final Leases leases = new Leases(store, LockEvents.NONE);
        final Locks locks = new Locks(leases, new Random(candidates.size() + 1));
        final LeaderElection election;

        /** Set once it was told to begin, which is later than that it leads. */
        private volatile boolean begun;

        Candidate(String name, Runnable onElected) {
            election = LeaderElection.start(
                    locks,
                    REQUEST,
                    lock -> {
                        told.add(name + " elected");
                        begun = true;
                        onElected.run();
                    },
                    () -> {
                        begun = false;
                        told.add(name + " deposed");
                    });
            candidates.add(this);
        }

        boolean leads() {
            return begun && election.isLeader();
        }

        @Override
        public void close() {
            store.comeBack();
            election.close();
            locks.close();
            leases.close();
        }
    }

    private Candidate candidate(String name) {
        return new Candidate(name, () -> {});
    }

    private static void awaitLeader(Candidate candidate) {
        await().atMost(NOT_HANGING).until(candidate::leads);
    }

    /** Whoever is next may miss its turn on a busy machine: then the one that resigned leads again, and resigns again. */
    private static void passes(Candidate from, Candidate to) {
        await().atMost(NOT_HANGING).until(() -> {
            from.election.resign();
            return to.leads();
        });
    }

    private void awaitLine(int length) {
        await().atMost(NOT_HANGING)
                .until(() -> candidates.getFirst().locks.look(REQUEST.name()).waiting() == length);
    }

    @AfterEach
    void close() {
        candidates.forEach(Candidate::close);
    }

    @Test
    void one_leads_and_when_it_resigns_another_does() {
        Candidate anna = candidate("anna");
        awaitLeader(anna);
        Candidate ben = candidate("ben");
        awaitLine(1);
        long first = anna.election.fence().orElseThrow();

        passes(anna, ben);

        assertThat(ben.election.fence().orElseThrow()).isGreaterThan(first);
        assertThat(anna.election.isLeader()).isFalse();
        assertThat(anna.election.fence()).isEmpty();
        awaitLine(1);
        ben.election.close();
        awaitLeader(anna);
        assertThat(told)
                .startsWith("anna elected", "anna deposed")
                .endsWith("ben elected", "ben deposed", "anna elected");
        for (int i = 1; i < told.size(); i += 2) {
            assertThat(told.get(i))
                    .as("who leads is deposed before anybody else leads")
                    .isEqualTo(told.get(i - 1).replace("elected", "deposed"));
        }
    }

    @Test
    void a_leader_that_loses_the_store_is_deposed_and_followed_and_stands_again() {
        Candidate anna = candidate("anna");
        awaitLeader(anna);
        Candidate ben = candidate("ben");
        awaitLine(1);

        anna.store.goAway();

        awaitLeader(ben);
        assertThat(anna.election.isLeader()).isFalse();
        await().atMost(NOT_HANGING).until(() -> told.size() >= 3);
        // A process that stands still beyond its lease tells its leader so when it goes on.
        assertThat(told)
                .startsWith("anna elected")
                .containsExactlyInAnyOrder("anna elected", "anna deposed", "ben elected");
        anna.store.comeBack();
        awaitLine(1);
        passes(ben, anna);
    }

    @Test
    void a_candidate_that_closes_while_it_waits_or_leads_is_out() {
        Candidate anna = candidate("anna");
        awaitLeader(anna);
        Candidate ben = candidate("ben");
        awaitLine(1);
        ben.election.close();
        awaitLine(0);
        anna.election.close();
        assertThat(anna.election.isLeader()).isFalse();
        await().atMost(NOT_HANGING).until(() -> !anna.locks.look(REQUEST.name()).held());
        assertThat(told).containsExactly("anna elected", "anna deposed");
    }

    @Test
    void a_leader_that_cannot_begin_resigns() {
        var failing = new AtomicInteger(1);
        var anna = new Candidate("anna", () -> {
            if (failing.getAndDecrement() > 0) {
                throw new IllegalStateException("not today");
            }
        });
        await().atMost(NOT_HANGING).until(() -> told.size() >= 3);
        awaitLeader(anna);
        assertThat(told).containsExactly("anna elected", "anna deposed", "anna elected");
    }

    @Test
    void a_leader_whose_beginning_breaks_or_is_interrupted_stands_again() {
        var attempts = new AtomicInteger();
        var anna = new Candidate("anna", () -> {
            switch (attempts.getAndIncrement()) {
                case 0 -> throw new AssertionError("broken");
                case 1 -> Thread.currentThread().interrupt();
                default -> {}
            }
        });
        await().atMost(NOT_HANGING).until(() -> attempts.get() >= 3);
        awaitLeader(anna);
        assertThat(told)
                .containsExactly("anna elected", "anna deposed", "anna elected", "anna deposed", "anna elected");
    }

    @Test
    void whoever_stands_with_locks_that_are_closed_leads_no_more_and_burdens_nobody() {
        Candidate anna = candidate("anna");
        awaitLeader(anna);
        anna.locks.close();
        anna.election.resign();
        Candidate ben = candidate("ben");
        awaitLeader(ben);
        int asked = anna.store.asked.get();
        await().during(Duration.ofMillis(300)).until(() -> anna.store.asked.get() <= asked + 1);
        assertThat(told).containsExactly("anna elected", "anna deposed", "ben elected");
        assertThat(anna.election.isLeader()).isFalse();
    }
}

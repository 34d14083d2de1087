package dev.sluice.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes that are stopped and killed wherever they are: at most one holds the lock, by the books of what it protects. */
@Timeout(600)
class LockingProcessesTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(60);

    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore store = RedisLocksTest.connect(redis.uri());
    private final Leases leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
    private final Locks locks = new Locks(leases, new Random(3));

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void close() {
        locks.close();
        leases.close();
        store.close();
    }

    @Test
    void the_late_write_of_a_holder_that_was_stopped_beyond_its_lease_is_refused_by_the_fence() throws Exception {
        Fences fences = Fences.onRedis(store, KeySpace.DEFAULT);
        try (var stopped = LockingProcess.start(redis.uri(), "hold")) {
            long its = Long.parseLong(stopped.hears("holds").substring(6));
            stopped.signal("-STOP");
            try (HeldLock lock = LocksContract.acquired(locks.acquire(LockingProcess.REQUEST, NOT_HANGING))) {
                assertThat(lock.fence()).isGreaterThan(its);
                assertThat(fences.write(
                                LockingProcess.RESOURCE, lock.fence(), "the successor's".getBytes(UTF_8), NOT_HANGING))
                        .isTrue();
                stopped.signal("-CONT");
                stopped.tell("write");
                assertThat(stopped.hears("wrote")).isEqualTo("wrote false");
                assertThat(stopped.hears("lost")).isEqualTo("lost [false, false]");
                assertThat(locks.look(lock.name()).fence())
                        .as("its release takes nothing from its successor")
                        .isEqualTo(lock.fence());
                assertThat(locks.look(lock.name()).held()).isTrue();
            }
            assertThat(fences.read(LockingProcess.RESOURCE).orElseThrow().bytes())
                    .isEqualTo("the successor's".getBytes(UTF_8));
        }
    }

    @Test
    void a_leader_that_is_killed_is_followed_by_another() throws Exception {
        try (var first = LockingProcess.start(redis.uri(), "lead")) {
            long its = Long.parseLong(first.hears("leads").substring(6));
            try (var second = LockingProcess.start(redis.uri(), "lead")) {
                second.hears("ready");
                await().atMost(NOT_HANGING)
                        .until(() -> locks.look(LockingProcess.REQUEST.name()).waiting() == 1);
                first.close();
                assertThat(Long.parseLong(second.hears("leads").substring(6))).isGreaterThan(its);
            }
        }
    }

    @Test
    void holders_that_are_killed_leave_no_two_at_once() throws Exception {
        cyclesWithKills(200, 2, 2);
    }

    @Test
    @Tag("chaos")
    void ten_thousand_cycles_with_kills_leave_no_two_at_once() throws Exception {
        cyclesWithKills(10_000, 4, 30);
    }

    private void cyclesWithKills(int cycles, int processes, int kills) throws Exception {
        var random = new Random(17);
        var killed = new HashSet<Long>();
        var living = new ArrayList<LockingProcess>();
        try {
            for (int i = 0; i < processes; i++) {
                living.add(LockingProcess.start(redis.uri(), "cycles"));
            }
            for (LockingProcess process : living) {
                process.hears("ready");
            }
            for (int kill = 0; kill < kills; kill++) {
                awaitCycles(cycles / (kills + 1));
                // The next is there before one dies, so that there is always somebody who waits.
                var next = LockingProcess.start(redis.uri(), "cycles");
                living.add(next);
                next.hears("ready");
                LockingProcess victim = living.remove(random.nextInt(processes));
                killed.add(victim.pid());
                victim.close();
            }
            awaitCycles(cycles / (kills + 1));
        } finally {
            living.forEach(LockingProcess::close);
        }
        check(
                redis.commands().lrange(LockingProcess.BOOKS, 0, -1).stream()
                        .map(entry -> new String(entry, UTF_8))
                        .toList(),
                killed);
    }

    /** So many more. */
    private void awaitCycles(int cycles) {
        long until = redis.commands().llen(LockingProcess.BOOKS) + 2L * cycles;
        await().atMost(NOT_HANGING.multipliedBy(3)).until(() -> redis.commands().llen(LockingProcess.BOOKS) >= until);
    }

    /** Each comes in with a greater fence than all before, and only when the one before is out or dead. */
    private static void check(List<String> books, Set<Long> killed) {
        Map<Long, Integer> uses = new HashMap<>();
        long lastFence = 0;
        long inside = 0;
        for (String entry : books) {
            String[] words = entry.split(" ", 3);
            long process = Long.parseLong(words[1]);
            long fence = Long.parseLong(words[2]);
            if (words[0].equals("in")) {
                assertThat(fence).as(entry).isGreaterThan(lastFence);
                assertThat(inside == 0 || killed.contains(inside))
                        .as(entry + " while " + inside + " is in and lives")
                        .isTrue();
                inside = process;
                lastFence = fence;
                uses.merge(process, 1, Integer::sum);
            } else {
                assertThat(process).as(entry).isEqualTo(inside);
                assertThat(fence).as(entry).isEqualTo(lastFence);
                inside = 0;
            }
        }
        assertThat(uses).as("or nobody waited").hasSizeGreaterThan(1);
    }
}

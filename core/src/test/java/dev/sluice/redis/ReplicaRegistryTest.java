package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaRegistryTest {
    private static final String KEY = "sluice:replicas:{all}:heartbeats";

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final List<String> changes = new ArrayList<>();
    private final RedisEvents events = new RedisEvents() {
        @Override
        public void replicasChanged(int before, int now) {
            changes.add(before + " -> " + now);
        }
    };

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void a_replica_alone_counts_itself_before_and_after_its_first_beat() {
        ReplicaRegistry one = registry(1);
        assertThat(one.alive().count()).isEqualTo(1);
        assertThat(one.alive().current()).isFalse();

        one.beat();

        assertThat(one.alive().count()).isEqualTo(1);
        assertThat(one.alive().current()).isTrue();
        assertThat(changes).isEmpty();
    }

    @Test
    void an_id_has_eight_letters_or_digits_and_differs_between_replicas() {
        String one = registry(1).alive().self();
        String other = registry(2).alive().self();

        assertThat(one).matches("[A-Za-z0-9]{8}").isNotEqualTo(other);
    }

    @Test
    void replicas_see_each_other_and_a_change_is_one_event() {
        ReplicaRegistry one = registry(1);
        ReplicaRegistry two = registry(2);
        one.beat();
        two.beat();
        one.beat();
        one.beat();

        assertThat(one.alive().count()).isEqualTo(2);
        assertThat(two.alive().count()).isEqualTo(2);
        assertThat(changes).containsExactly("1 -> 2", "1 -> 2");
    }

    @Test
    void a_replica_that_stopped_beating_is_gone_after_six_seconds() {
        ReplicaRegistry one = registry(1);
        ReplicaRegistry two = registry(2);
        two.beat();
        runner.advance(ReplicaRegistry.ALIVE);
        one.beat();
        assertThat(one.alive().count()).isEqualTo(2);

        runner.advance(Duration.ofMillis(1));
        one.beat();

        assertThat(one.alive().count()).isEqualTo(1);
    }

    @Test
    void a_replica_that_leaves_is_gone_at_once() {
        ReplicaRegistry one = registry(1);
        ReplicaRegistry two = registry(2);
        one.beat();
        two.beat();

        two.close();
        one.beat();

        assertThat(one.alive().count()).isEqualTo(1);
        assertThat(redis.commands().zcard(KEY)).isEqualTo(1);
    }

    @Test
    void the_last_known_count_stays_while_redis_is_down() {
        boolean[] down = {false};
        var one = new ReplicaRegistry(
                (script, keys, args) -> {
                    if (down[0]) {
                        throw new RedisUnavailableException("down", false, null);
                    }
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                events,
                new Random(1));
        registry(2).beat();
        one.beat();
        down[0] = true;

        one.beat();

        assertThat(one.alive()).isEqualTo(new Replicas(one.alive().self(), 2, false));
        one.close();
    }

    @Test
    void a_count_that_fell_because_redis_forgot_or_was_away_is_not_believed_until_all_had_the_time_to_beat() {
        ReplicaRegistry one = registry(1);
        ReplicaRegistry two = registry(2);
        one.beat();
        two.beat();
        one.beat();
        for (Runnable fault : List.<Runnable>of(redis::flush, () -> runner.advance(Duration.ofSeconds(20)))) {
            fault.run();

            one.beat();
            assertThat(one.alive().count()).isEqualTo(2);
            two.beat();
            one.beat();
        }
        redis.flush();
        for (int i = 0; i < 3; i++) {
            one.beat();
            assertThat(one.alive().count()).isEqualTo(2);
        }
        one.beat();
        assertThat(one.alive().count()).as("the other is gone indeed").isEqualTo(1);
        assertThat(changes).containsExactly("1 -> 2", "1 -> 2", "2 -> 1");
    }

    @Test
    void the_key_expires_when_the_last_replica_died() {
        registry(1).beat();

        assertThat(redis.commands().pttl(KEY)).isBetween(1L, ReplicaRegistry.ALIVE.toMillis());
    }

    @Test
    void a_started_registry_beats_by_itself_until_closed() {
        try (ReplicaRegistry one = registry(1)) {
            one.start();

            await().atMost(Duration.ofSeconds(30)).until(() -> one.alive().current());
        }

        assertThat(redis.commands().exists(KEY)).isZero();
    }

    private ReplicaRegistry registry(int seed) {
        return new ReplicaRegistry(runner, KeySpace.DEFAULT, events, new Random(seed));
    }
}

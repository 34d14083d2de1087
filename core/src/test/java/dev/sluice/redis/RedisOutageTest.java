package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.bytes;
import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.Breaker.State;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What callers see while a single Redis is frozen, dead, full or not there yet. */
class RedisOutageTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);
    /** What is written by then has been written on a busy machine, too. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    @Test
    void a_frozen_redis_costs_a_deadline_opens_the_breaker_and_recovers() {
        var changes = new ConcurrentLinkedQueue<State>();
        RedisEvents events = new RedisEvents() {
            @Override
            public void breakerChanged(String shard, State state) {
                assertThat(shard).isEqualTo("redis");
                changes.add(state);
            }
        };
        try (RedisProcess redis = RedisFixture.start();
                RedisStore store = RedisStore.connect(settings(redis.uri()), events);
                var runner = new GuardedRunner(store, Breaker.Settings.DEFAULT, events)) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(runner, "warm") > 0);
            await().atMost(NOT_HANGING).until(runner::isClosed);
            changes.clear();

            redis.freeze();
            long start = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                RedisUnavailableException silent = failureOf(runner);
                assertThat(silent.reason()).isEqualTo(Reason.NO_REPLY);
                assertThat(silent.mayHaveRun()).isTrue();
            }
            RedisUnavailableException open = failureOf(runner);
            assertThat(System.nanoTime() - start).isLessThan(NOT_HANGING.toNanos());
            assertThat(open.reason()).isEqualTo(Reason.BREAKER_OPEN);
            assertThat(open.mayHaveRun()).isFalse();
            assertThat(changes).containsExactly(State.OPEN);

            redis.thaw();
            await().atMost(NOT_HANGING).until(runner::isClosed);
            assertThat(runner.run(TestScripts.COUNT, List.of("after"), List.of(), NOT_HANGING)
                            .number(0))
                    .isEqualTo(1);
            assertThat(changes).containsExactly(State.OPEN, State.CLOSED);
        }
    }

    @Test
    void a_connection_that_stays_silent_is_given_up_and_made_anew() {
        try (RedisProcess redis = RedisFixture.start();
                TcpProxy network = TcpProxy.to(redis.port());
                RedisStore store = RedisStore.connect(
                        settings("redis://127.0.0.1:" + network.port()),
                        RedisEvents.NONE,
                        new RedisStore.Bounds(100, DEADLINE.multipliedBy(3)))) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 0);
            int before = network.accepted();
            network.hold();
            assertThat(failureOf(store).reason()).isEqualTo(Reason.NO_REPLY);

            await().atMost(NOT_HANGING).until(() -> network.accepted() > before);
            network.release();
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "after") > 0);
        }
    }

    @Test
    void a_killed_redis_fails_calls_at_once_and_is_found_again_when_it_is_back() {
        var connections = new ConcurrentLinkedQueue<String>();
        RedisEvents events = new RedisEvents() {
            @Override
            public void connected() {
                connections.add("up");
            }

            @Override
            public void disconnected() {
                connections.add("down");
            }
        };
        try (RedisProcess redis = RedisFixture.start("appendonly yes", "appendfsync always");
                RedisStore store = RedisStore.connect(settings(redis.uri()), events)) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 0);
            String firstRun = store.info().runId();

            redis.kill();
            await().atMost(NOT_HANGING).until(() -> !store.isConnected());
            RedisUnavailableException dead = failureOf(store);
            assertThat(dead.reason()).isEqualTo(Reason.NOT_CONNECTED);
            assertThat(dead.mayHaveRun()).isFalse();

            redis.restart();
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 1);
            assertThat(connections).containsExactly("up", "down", "up");
            assertThat(store.info().runId()).isNotEqualTo(firstRun);
            assertThat(store.info().appendOnly()).isTrue();
            assertThat(store.info().appendFsync()).isEqualTo("always");
        }
    }

    @Test
    void without_redis_at_start_the_store_is_there_and_connects_later() throws IOException {
        try (RedisProcess redis = RedisFixture.start()) {
            redis.kill();
            var settings = settings(redis.uri()).withStartWait(Duration.ofMillis(300));
            try (RedisStore store = RedisStore.connect(settings, RedisEvents.NONE)) {
                assertThat(store.isConnected()).isFalse();
                assertThat(store.roundTrip()).isEmpty();
                await().atMost(NOT_HANGING)
                        .untilAsserted(() -> assertThat(store.problem())
                                .hasValueSatisfying(
                                        problem -> assertThat(problem).contains("127.0.0.1:" + redis.port())));
                assertThat(failureOf(store).reason()).isEqualTo(Reason.NOT_CONNECTED);
                assertThatThrownBy(store::ping).isInstanceOf(RedisUnavailableException.class);
                assertThatThrownBy(store::info).isInstanceOf(RedisUnavailableException.class);

                redis.restart();

                await().atMost(NOT_HANGING).until(store::isConnected);
                await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 0);
                assertThat(store.roundTrip()).isPresent();
                assertThat(store.problem()).isEmpty();
            }
        }
    }

    @Test
    void a_host_that_accepts_and_never_speaks_holds_nobody_up() throws IOException {
        try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var settings = settings("redis://127.0.0.1:" + mute.getLocalPort()).withStartWait(Duration.ofMillis(200));
            long start = System.nanoTime();
            try (RedisStore store = RedisStore.connect(settings, RedisEvents.NONE)) {
                assertThat(failureOf(store).mayHaveRun()).isFalse();
            }
            assertThat(System.nanoTime() - start).isLessThan(NOT_HANGING.toNanos());
        }
    }

    @Test
    void more_calls_than_there_is_room_for_are_refused_unsent() throws InterruptedException {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        try (TcpProxy network = TcpProxy.to(redis.port());
                RedisStore store = RedisStore.connect(
                        settings("redis://127.0.0.1:" + network.port()),
                        RedisEvents.NONE,
                        new RedisStore.Bounds(1, NOT_HANGING))) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 0);
            network.hold();
            Thread first = Thread.ofVirtual()
                    .start(() -> store.run(TestScripts.COUNT, List.of("first"), List.of(), NOT_HANGING));
            await().atMost(NOT_HANGING).until(() -> first.getState() == Thread.State.WAITING);

            RedisUnavailableException refused = failureOf(store);

            assertThat(refused.reason()).isEqualTo(Reason.OVERLOADED);
            assertThat(refused.mayHaveRun()).isFalse();
            network.release();
            assertThat(first.join(NOT_HANGING)).isTrue();
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 1);
            assertThat(redis.commands().get("first")).isEqualTo(bytes("1"));
            assertThat(redis.commands().get("k")).isNull();
        }
    }

    @Test
    void full_memory_refuses_writes_with_certainty_and_still_lets_deletes_through() {
        Script fill = Script.ofSource("test/fill", "return redis.call('SET', KEYS[1], string.rep('x', 100000))");
        Script delete = Script.ofSource("test/delete", "return redis.call('DEL', KEYS[1])");
        try (RedisProcess redis = RedisFixture.start("maxmemory 4mb", "maxmemory-policy noeviction");
                RedisStore store = RedisStore.connect(settings(redis.uri()), RedisEvents.NONE);
                var runner = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE)) {
            RedisUnavailableException full = catchThrowableOfType(RedisUnavailableException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    runner.run(fill, List.of("k" + i), List.of(), NOT_HANGING);
                }
            });
            assertThat(full.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
            assertThat(full.mayHaveRun()).isFalse();
            assertThat(full).hasMessageContaining("test/fill").hasMessageContaining("maxmemory");

            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> runner.run(fill, List.of("more"), List.of(), NOT_HANGING))
                        .isInstanceOf(RedisUnavailableException.class);
            }
            assertThat(runner.run(delete, List.of("k0"), List.of(), NOT_HANGING).number(0))
                    .isEqualTo(1);
        }
    }

    @Test
    void a_replica_refuses_writes_with_certainty() {
        try (RedisProcess master = RedisFixture.start();
                RedisProcess replica = RedisFixture.start("replicaof 127.0.0.1 " + master.port());
                RedisStore store = RedisStore.connect(RedisFixture.patient(replica.uri()), RedisEvents.NONE)) {
            RedisUnavailableException refused = failureOf(store);

            assertThat(refused.reason()).isEqualTo(Reason.READ_ONLY);
            assertThat(refused.mayHaveRun()).isFalse();
        }
    }

    @Test
    void a_wrong_password_is_a_clear_error_at_start_and_is_not_quoted() {
        try (RedisProcess redis = RedisFixture.start("requirepass right-secret", "user bot on >bot-secret ~* +@all")) {
            String place = "127.0.0.1:" + redis.port();
            for (String credentials : List.of(":wrong-secret@", "bot:wrong-secret@", "")) {
                assertThatThrownBy(() -> RedisStore.connect(
                                RedisFixture.patient("redis://" + credentials + place), RedisEvents.NONE))
                        .isInstanceOf(RedisConfigurationException.class)
                        .hasMessageContaining(place)
                        .hasMessageNotContaining("secret");
            }
            for (String credentials : List.of(":right-secret@", "bot:bot-secret@")) {
                try (RedisStore store =
                        RedisStore.connect(RedisFixture.patient("redis://" + credentials + place), RedisEvents.NONE)) {
                    await().atMost(NOT_HANGING).until(() -> count(store, "k") > 0);
                }
            }
        }
    }

    @Test
    void a_database_that_redis_does_not_have_is_a_clear_error_at_start() {
        assertThatThrownBy(() -> RedisStore.connect(
                        RedisFixture.patient(RedisFixture.shared().uri() + "/99"), RedisEvents.NONE))
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("/99")
                .hasMessageContaining("DB index");
    }

    @Test
    void a_redis_before_6_2_is_refused() {
        assertThat(RedisInfo.parse("redis_version:6.0.16", "", "", "").isRecentEnough())
                .isFalse();
        assertThat(RedisInfo.parse("redis_version:5.0.14", "", "", "").isRecentEnough())
                .isFalse();
        assertThat(RedisInfo.parse("redis_version:6.2.0", "", "", "").isRecentEnough())
                .isTrue();
        assertThat(RedisInfo.parse("redis_version:8.0", "", "", "").isRecentEnough())
                .isTrue();
        assertThatThrownBy(() -> StartProblem.check(
                        "redis_version:6.0.16\r\ncluster_enabled:0", RedisSettings.parse("redis://:secret@old:1")))
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessage("Redis at redis://old:1 is version 6.0.16; Sluice needs 6.2 or newer");
    }

    @Test
    void settling_may_take_longer_than_deciding() {
        try (RedisProcess redis = RedisFixture.start();
                TcpProxy network = TcpProxy.to(redis.port());
                RedisStore store =
                        RedisStore.connect(settings("redis://127.0.0.1:" + network.port()), RedisEvents.NONE)) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 0);
            network.delay(DEADLINE);

            assertThat(failureOf(store).reason()).isEqualTo(Reason.NO_REPLY);
            assertThat(store.run(TestScripts.COUNT, List.of("k"), List.of(bytes("x")), NOT_HANGING)
                            .number(0))
                    .isPositive();
        }
    }

    private static RedisSettings settings(String uri) {
        return RedisSettings.parse(uri).withCommandTimeout(DEADLINE);
    }

    private static RedisUnavailableException failureOf(ScriptRunner runner) {
        return catchThrowableOfType(RedisUnavailableException.class, () -> count(runner, "k"));
    }
}

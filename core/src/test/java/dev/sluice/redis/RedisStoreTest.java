package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.COUNT;
import static dev.sluice.redis.TestScripts.bytes;
import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a healthy single server gives: replies, errors, arguments. */
class RedisStoreTest {
    private static final SharedRedis redis = RedisFixture.shared();
    private static final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    private static RedisStore store;

    @BeforeAll
    static void connect() {
        RedisSettings settings = RedisFixture.patient(redis.uri()).withCommandTimeout(Duration.ofSeconds(5));
        store = RedisStore.connect(settings, new RedisEvents() {
            @Override
            public void answered(String script, Duration roundTrip) {
                assertThat(roundTrip).isPositive();
                events.add(script + " answered");
            }

            @Override
            public void failed(String script, Reason reason) {
                events.add(script + " " + reason);
            }

            @Override
            public void scriptFailed(String script) {
                events.add(script + " failed");
            }
        });
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @BeforeEach
    void clean() {
        redis.flush();
        events.clear();
    }

    @Test
    void integers_bytes_and_nils_come_back_as_they_were() {
        Script script = Script.ofSource("test/types", "return {1, ARGV[1], false, '9007199254740993', ''}");
        byte[] binary = {0, (byte) 0xff, '\r', '\n', (byte) 0xc3};

        ScriptReply reply = store.run(script, List.of("k"), List.of(binary));

        assertThat(reply.size()).isEqualTo(5);
        assertThat(reply.number(0)).isEqualTo(1);
        assertThat(reply.bytes(1)).isEqualTo(binary);
        assertThat(reply.values().get(2)).isNull();
        assertThat(reply.number(3)).isEqualTo(9_007_199_254_740_993L);
        assertThat(reply.bytes(4)).isEmpty();
        assertThat(events).containsExactly("test/types answered");
    }

    @Test
    void a_reply_may_take_longer_than_connecting_may() {
        var settings = RedisFixture.patient(redis.uri()).withConnectTimeout(Duration.ofMillis(300));
        try (var patient = RedisStore.connect(settings, RedisEvents.NONE)) {
            assertThat(patient.run(COUNT, List.of("k"), List.of()).number(0)).isEqualTo(1);
            redis.commands().clientPause(900);

            assertThat(patient.run(COUNT, List.of("k"), List.of()).number(0)).isEqualTo(2);
        }
    }

    @Test
    void a_reply_that_is_no_list_is_a_list_of_one() {
        assertThat(run("return 7").number(0)).isEqualTo(7);
        assertThat(run("return 'x'").text(0)).isEqualTo("x");
        assertThat(run("return {}").size()).isZero();
    }

    @Test
    void a_script_that_redis_forgot_is_taught_again_and_runs_once() {
        assertThat(count(store, "k")).isEqualTo(1);
        redis.commands().scriptFlush();

        assertThat(count(store, "k")).isEqualTo(2);
        assertThat(redis.commands().scriptExists(COUNT.sha1())).containsExactly(true);
    }

    @Test
    void a_failing_script_is_named_and_neither_keys_nor_arguments_are_quoted() {
        redis.commands().set("secret-key", bytes("text"));
        Script wrongType = Script.ofSource("test/wrong-type", "return redis.call('LPUSH', KEYS[1], ARGV[1])");
        Script defect = Script.ofSource("test/defect", "return {1 + nil}");

        for (Script script : List.of(wrongType, defect)) {
            assertThatThrownBy(() -> store.run(script, List.of("secret-key"), List.of(bytes("secret-argument"))))
                    .isInstanceOf(RedisScriptException.class)
                    .hasMessageContaining(script.name())
                    .hasMessageNotContaining("secret")
                    .hasNoCause();
        }
        assertThat(events).containsExactly("test/wrong-type failed", "test/defect failed");
    }

    @Test
    void keys_of_two_slots_are_refused_naming_both_slots() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.run(COUNT, List.of("a:{1}:x", "a:{2}:x"), List.of()))
                .withMessage("script test/count was given keys of two slots, 9842 and 5649");
        assertThat(store.run(COUNT, List.of("a:{1}:x", "b:{1}:y"), List.of()).number(0))
                .isEqualTo(1);
    }

    @Test
    void many_virtual_threads_share_the_connection() throws Exception {
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                counts.add(callers.submit(() -> count(store, "k")));
            }
            for (Future<Long> one : counts) {
                one.get();
            }
        }

        assertThat(redis.commands().get("k")).isEqualTo(bytes("500"));
    }

    @Test
    void the_round_trip_is_measured_and_added_to_the_deadline() {
        assertThat(store.roundTrip())
                .hasValueSatisfying(roundTrip -> assertThat(roundTrip).isPositive());
        assertThat(store.decisionTimeout())
                .isEqualTo(Duration.ofSeconds(5).plus(store.roundTrip().orElseThrow()));
        assertThat(store.ping()).isPositive();
    }

    @Test
    void redis_tells_about_itself() {
        RedisInfo info = store.info();

        assertThat(info.version()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(info.mode()).isEqualTo("standalone");
        assertThat(info.maxmemoryPolicy()).isEqualTo("noeviction");
        assertThat(info.appendOnly()).isFalse();
        assertThat(info.appendFsync()).isEqualTo("everysec");
        assertThat(info.runId()).hasSize(40);
        assertThat(store.problem()).isEmpty();
        assertThat(store.isConnected()).isTrue();
    }

    @Test
    void another_database_is_another_world() {
        RedisSettings second = RedisFixture.patient(redis.uri() + "/2");
        try (RedisStore other = RedisStore.connect(second, RedisEvents.NONE)) {
            count(other, "k");
            assertThat(count(other, "k")).isEqualTo(2);
        }

        assertThat(count(store, "k")).isEqualTo(1);
    }

    private static ScriptReply run(String source) {
        return store.run(Script.ofSource("test/source", source), List.of("k"), List.of());
    }
}

package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.COUNT;
import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisUnavailableException.Reason;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proof that no script runs twice, whatever happens to the connection. */
class AtMostOnceTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(10);

    private final SharedRedis redis = RedisFixture.shared();
    private final TcpProxy network = TcpProxy.to(redis.port());
    private final RedisStore store = RedisStore.connect(
            RedisSettings.parse("redis://127.0.0.1:" + network.port()).withCommandTimeout(NOT_HANGING),
            RedisEvents.NONE);

    @BeforeEach
    void warmUp() {
        redis.flush();
        assertThat(count(store, "warm")).isEqualTo(1);
    }

    @AfterEach
    void close() {
        store.close();
        network.close();
    }

    @Test
    void a_script_whose_reply_is_lost_ran_once_and_is_reported_as_such() {
        network.dropNextReply();

        RedisUnavailableException lost = catchThrowableOfType(RedisUnavailableException.class, () -> count(store, "k"));

        assertThat(lost.reason()).isEqualTo(Reason.CONNECTION_LOST);
        assertThat(lost.mayHaveRun()).isTrue();
        await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 1);
        assertThat(counted("k")).isEqualTo(1);
    }

    /** The canary: with a client's default options the same accident runs the script twice, so the test above can fail. */
    @Test
    void a_client_with_default_options_would_have_run_it_twice() {
        try (RedisClient client = RedisClient.create("redis://127.0.0.1:" + network.port())) {
            var connection = client.connect();
            network.dropNextReply();

            connection.async().eval(COUNT.source(), ScriptOutputType.MULTI, "canary");

            await().atMost(NOT_HANGING).until(() -> counted("canary") == 2);
        }
    }

    @Test
    void of_many_scripts_under_way_when_the_connection_breaks_none_runs_twice_and_none_reported_unsent_ran()
            throws Exception {
        List<Future<Attempt>> attempts = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 5; round++) {
                await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "warm") > 0);
                network.hold();
                for (int i = 0; i < 200; i++) {
                    String key = "many" + attempts.size();
                    attempts.add(callers.submit(() -> attempt(key)));
                }
                // The first of them run, their reply and all else is lost; the last 50 meet whatever is left by then.
                network.dropNextReply();
                network.release();
                for (int i = 0; i < 50; i++) {
                    String key = "many" + attempts.size();
                    attempts.add(callers.submit(() -> attempt(key)));
                }
                for (Future<Attempt> attempt : attempts) {
                    attempt.get();
                }
            }
        }

        int ranUnknown = 0;
        for (Future<Attempt> future : attempts) {
            Attempt attempt = future.get();
            switch (attempt.outcome()) {
                case ANSWERED -> assertThat(counted(attempt.key())).isEqualTo(1);
                case UNSENT -> assertThat(counted(attempt.key())).isZero();
                case UNKNOWN -> {
                    assertThat(counted(attempt.key())).isLessThanOrEqualTo(1);
                    ranUnknown += (int) counted(attempt.key());
                }
            }
        }
        // Otherwise nothing was cut off after it ran, and nothing was proved.
        assertThat(ranUnknown).isPositive();
    }

    private enum Outcome {
        ANSWERED,
        UNSENT,
        UNKNOWN
    }

    private record Attempt(String key, Outcome outcome) {}

    private Attempt attempt(String key) {
        try {
            count(store, key);
            return new Attempt(key, Outcome.ANSWERED);
        } catch (RedisUnavailableException e) {
            return new Attempt(key, e.mayHaveRun() ? Outcome.UNKNOWN : Outcome.UNSENT);
        }
    }

    @Test
    void a_script_given_up_before_it_was_written_is_never_run() {
        // The deadline is over before the event loop gets to it, just then or after: always the answer must be true.
        int withdrawn = 0;
        for (int i = 0; i < 500; i++) {
            String key = "late" + i;
            try {
                store.run(
                        COUNT,
                        List.of(key),
                        List.of(),
                        Duration.ofNanos(1_000L * (i % 100)).plusNanos(1));
            } catch (RedisUnavailableException e) {
                if (!e.mayHaveRun()) {
                    withdrawn++;
                    assertThat(count(store, "warm")).isPositive();
                    assertThat(counted(key)).isZero();
                }
            }
        }
        assertThat(withdrawn).isPositive();
        assertThat(store.run(COUNT, List.of("in step"), List.of()).number(0)).isEqualTo(1);
    }

    @Test
    void an_interrupt_ends_the_wait_at_once_and_is_not_lost() throws Exception {
        network.hold();
        var outcome = new CompletableFuture<String>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                count(store, "k");
                outcome.complete("answered");
            } catch (RedisUnavailableException e) {
                outcome.complete(e.reason() + ", flag " + Thread.interrupted());
            }
        });
        await().atMost(NOT_HANGING).until(() -> caller.getState() == Thread.State.WAITING);

        caller.interrupt();

        assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo("INTERRUPTED, flag true");
        network.release();
    }

    private long counted(String key) {
        byte[] value = redis.commands().get(key);
        return value == null ? 0 : Long.parseLong(new String(value, StandardCharsets.US_ASCII));
    }
}

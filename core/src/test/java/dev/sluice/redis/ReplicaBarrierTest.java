package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaBarrierTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(60);
    private static final String KEY = "sluice:msg_queue:{1}:wait";

    private final RedisProcess master = RedisFixture.start();
    private final RedisProcess replica = RedisFixture.start("replicaof 127.0.0.1 " + master.port());

    @BeforeEach
    void awaitReplication() {
        try (RedisClient client = RedisClient.create(replica.uri())) {
            var commands = client.connect().sync();
            await().atMost(NOT_HANGING).until(() -> commands.info("replication").contains("master_link_status:up"));
        }
    }

    @AfterEach
    void stop() {
        replica.thaw();
        replica.close();
        master.close();
    }

    private ReplicaBarrier barrier(int wanted, Duration longest) {
        return ReplicaBarrier.connect(RedisSettings.parse(master.uri()), RedisEvents.NONE, wanted, longest);
    }

    @Test
    void what_was_written_before_is_on_the_replica_when_the_wait_is_over() {
        try (var barrier = barrier(1, Duration.ofSeconds(20));
                RedisClient client = RedisClient.create(replica.uri())) {
            var copies = client.connect().sync();
            for (int i = 0; i < 20; i++) {
                master.tell("SET written" + i + " x");

                assertThat(barrier.await(KEY)).isTrue();
                assertThat(copies.get("written" + i)).isEqualTo("x");
            }
        }
    }

    @Test
    void a_replica_that_does_not_answer_is_not_waited_for_without_end() {
        try (var patient = barrier(1, Duration.ofSeconds(20));
                var hurried = barrier(1, Duration.ofMillis(100))) {
            assertThat(patient.await(KEY)).isTrue();

            replica.freeze();

            assertThat(hurried.await(KEY)).isFalse();
        }
    }

    @Test
    void more_replicas_than_there_are_never_have_it() {
        try (var barrier = barrier(2, Duration.ofMillis(50))) {
            assertThat(barrier.await(KEY)).isFalse();
        }
    }

    @Test
    void a_redis_that_is_gone_confirms_nothing() {
        try (var barrier = barrier(1, Duration.ofMillis(50))) {
            master.kill();

            assertThat(barrier.await(KEY)).isFalse();
        }
    }

    @Test
    void many_at_once_are_answered_together() throws Exception {
        try (var barrier = barrier(1, Duration.ofSeconds(20));
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            replica.freeze();
            var waiting = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 500; i++) {
                waiting.add(callers.submit((Callable<Boolean>) () -> barrier.await(KEY)));
            }
            replica.thaw();

            for (Future<Boolean> one : waiting) {
                assertThat(one.get(NOT_HANGING.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
    }
}

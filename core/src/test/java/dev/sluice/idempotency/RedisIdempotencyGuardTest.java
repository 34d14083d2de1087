package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisIdempotencyGuardTest extends IdempotencyGuardContract {
    private static final SharedRedis REDIS = RedisFixture.shared();
    private static final RedisCommands<String, byte[]> COMMANDS = REDIS.commands();

    private final TestClockRunner runner = REDIS.clockRunner();
    private final RedisTwinWait twins = new RedisTwinWait(runner, KeySpace.DEFAULT);
    private final RedisIdempotencyGuard guard = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT, twins);

    @BeforeEach
    void flush() {
        REDIS.flush();
    }

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    TwinWait twins() {
        return twins;
    }

    @Override
    void advance(Duration duration) {
        runner.advance(duration);
    }

    private Duration timeToLive() {
        return Duration.ofMillis(COMMANDS.pttl(key.key(KeySpace.DEFAULT)));
    }

    private void assertTimeToLive(Duration expected) {
        assertThat(timeToLive()).isBetween(expected.minusSeconds(5), expected);
    }

    @Test
    void every_record_has_a_time_to_live_and_its_claim_cannot_outlive_it() {
        Duration slack = Duration.ofSeconds(60);
        Fence fence = hold(TAKE_OVER);
        assertTimeToLive(LEASE.plus(slack));
        guard.heartbeat(fence, Duration.ofMinutes(2));
        assertTimeToLive(Duration.ofMinutes(2).plus(slack));
        guard.settle(fence, new Settlement.Complete(RESULT, KEEP));
        assertTimeToLive(KEEP);
        claim();
        assertTimeToLive(KEEP);
        guard.settle(fence, new Settlement.Complete(RESULT, KEEP.multipliedBy(2)));
        assertTimeToLive(KEEP);
    }

    @Test
    void an_abandoned_record_lives_as_long_as_it_counts_as_unknown() {
        hold(new ClaimRequest.Abandoned.BecomesUnknown(Duration.ofHours(2)));
        assertTimeToLive(LEASE.plusHours(2));
        advance(LEASE.plusHours(1));

        assertThat(claim()).isEqualTo(new Claim.Unknown());

        assertTimeToLive(Duration.ofHours(2));
    }

    @Test
    void redis_itself_collects_what_is_past_its_end() {
        guard.settle(hold(TAKE_OVER), new Settlement.Complete(RESULT, Duration.ofMillis(1)));

        await().atMost(Duration.ofSeconds(10)).until(() -> COMMANDS.dbsize() == 0);
    }

    @Test
    void a_released_or_handed_over_record_is_deleted() {
        guard.settle(hold(TAKE_OVER), new Settlement.Release());
        assertThat(COMMANDS.dbsize()).isZero();
        guard.settle(hold(TAKE_OVER), new Settlement.HandOver(RESULT, KEEP));
        claim();
        assertThat(COMMANDS.dbsize()).isZero();
    }

    @Test
    void a_record_is_one_small_string_under_its_documented_name() {
        guard.settle(hold(TAKE_OVER), new Settlement.Complete(result("x".repeat(200)), KEEP));

        String name = COMMANDS.keys("*").getFirst();

        assertThat(name).matches("sluice:idempotency:\\{42}:[0-9a-f]{32}");
        assertThat(COMMANDS.strlen(name)).isEqualTo(49 + 200);
        assertThat(COMMANDS.memoryUsage(name)).isLessThan(450);
    }

    @Test
    void by_the_servers_own_clock_a_lease_ends_by_itself() throws Exception {
        var real = new RedisIdempotencyGuard(REDIS.runner(), KeySpace.DEFAULT);
        var request = new ClaimRequest(key, CONTENT, Duration.ofMillis(20), TAKE_OVER);
        Fence dead = fenceOf(real.claim(request));

        assertThat(fenceOf(real.claim(request, Duration.ofSeconds(20))).number())
                .isGreaterThan(dead.number());
    }

    @Test
    void what_is_not_a_record_fails_loudly() {
        COMMANDS.set(key.key(KeySpace.DEFAULT), new byte[60]);
        assertThatThrownBy(this::claim).hasStackTraceContaining("not an idempotency record");
        COMMANDS.set(key.key(KeySpace.DEFAULT), new byte[3]);
        assertThatThrownBy(this::claim).hasStackTraceContaining("not an idempotency record");
    }

    @Test
    void when_memory_is_full_claims_are_refused_but_renewing_and_settling_work() {
        Fence fence = hold(TAKE_OVER);
        Fence dead = fenceOf(guard.claim(new ClaimRequest(newKey(), CONTENT, LEASE, BECOMES_UNKNOWN)));
        COMMANDS.configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> guard.claim(new ClaimRequest(newKey(), CONTENT, LEASE, TAKE_OVER)))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(guard.heartbeat(fence, LEASE)).isTrue();
            assertThat(guard.settle(fence, new Settlement.Complete(RESULT, KEEP)))
                    .isTrue();
            assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
            advance(LEASE);
            assertThat(guard.claim(new ClaimRequest(dead.key(), CONTENT, LEASE, TAKE_OVER)))
                    .isEqualTo(new Claim.Unknown());
        } finally {
            COMMANDS.configSet("maxmemory", "0");
        }
        assertTimeToLive(KEEP);
    }

    @Test
    void an_interrupt_that_meets_the_round_trip_is_an_interrupt() {
        var interrupted = new RedisUnavailableException("interrupted", true, new IllegalStateException());
        var unlucky = new RedisIdempotencyGuard(
                (script, keys, args) -> {
                    Thread.currentThread().interrupt();
                    throw interrupted;
                },
                KeySpace.DEFAULT);

        assertThatThrownBy(() -> unlucky.claim(request(TAKE_OVER), Duration.ofSeconds(20)))
                .isInstanceOf(InterruptedException.class)
                .hasCause(interrupted);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void without_an_interrupt_a_redis_that_is_away_is_just_that() {
        var away = new RedisUnavailableException("away", false, new IllegalStateException());
        var unlucky = new RedisIdempotencyGuard(
                (script, keys, args) -> {
                    throw away;
                },
                KeySpace.DEFAULT);

        assertThatThrownBy(() -> unlucky.claim(request(TAKE_OVER), Duration.ofSeconds(20)))
                .isSameAs(away);
    }

    /** Counts looks, and can pretend that Redis is away. */
    private static final class Watched implements ScriptRunner {
        final AtomicInteger looks = new AtomicInteger();
        final AtomicBoolean away = new AtomicBoolean();
        private final ScriptRunner runner;

        Watched(ScriptRunner runner) {
            this.runner = runner;
        }

        @Override
        public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
            if (script.name().equals("idempotency/look")) {
                looks.incrementAndGet();
                if (away.get()) {
                    throw new RedisUnavailableException("away", false, new IllegalStateException());
                }
            }
            return runner.run(script, keys, args);
        }
    }

    @Test
    void fifty_waiting_twins_look_at_redis_as_one_and_stop_when_they_leave() throws Exception {
        hold(TAKE_OVER);
        var watched = new Watched(runner);
        var looking = new RedisTwinWait(watched, KeySpace.DEFAULT);
        long start = System.nanoTime();
        var waiting = new ArrayList<Twin>();
        for (int i = 0; i < 50; i++) {
            waiting.add(new Twin(() -> {
                looking.awaitEnd(key, Duration.ofMillis(400));
                return new Claim.Unknown();
            }));
        }
        for (Twin twin : waiting) {
            twin.outcome();
        }
        long elapsedMillis = (System.nanoTime() - start) / 1_000_000;

        assertThat(looking.watched()).isZero();
        // 10, 15, 22, 33, 50, 76, 100, 100 ... ms, each up to a quarter less.
        assertThat(watched.looks.get()).isBetween(1, 6 + (int) (elapsedMillis / 75));
    }

    @Test
    void waiting_twins_of_another_process_see_the_end_too() throws Exception {
        Fence fence = hold(TAKE_OVER);
        var otherProcess = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT);
        var twin = new Twin(() -> otherProcess.claim(request(TAKE_OVER), Duration.ofSeconds(20)));
        twin.awaitBlocked();

        guard.settle(fence, new Settlement.Complete(RESULT, KEEP));

        assertThat(twin.outcome()).isEqualTo(new Claim.Completed(RESULT));
    }

    @Test
    void waiting_twins_of_this_process_hear_of_the_end_without_looking() throws Exception {
        Fence fence = hold(TAKE_OVER);
        var watched = new Watched(runner);
        watched.away.set(true);
        var here = new RedisIdempotencyGuard(watched, KeySpace.DEFAULT);
        var twin = new Twin(() -> here.claim(request(TAKE_OVER), Duration.ofSeconds(20)));
        await().atMost(Duration.ofSeconds(10)).until(() -> watched.looks.get() > 0);

        here.settle(fence, new Settlement.Complete(RESULT, KEEP));

        assertThat(twin.outcome()).isEqualTo(new Claim.Completed(RESULT));
    }

    @Test
    void waiting_outlives_a_redis_that_is_away_for_a_moment() throws Exception {
        Fence fence = hold(TAKE_OVER);
        var watched = new Watched(runner);
        watched.away.set(true);
        var otherProcess = new RedisIdempotencyGuard(watched, KeySpace.DEFAULT);
        var twin = new Twin(() -> otherProcess.claim(request(TAKE_OVER), Duration.ofSeconds(20)));
        await().atMost(Duration.ofSeconds(10)).until(() -> watched.looks.get() > 1);
        guard.settle(fence, new Settlement.Complete(RESULT, KEEP));

        watched.away.set(false);

        assertThat(twin.outcome()).isEqualTo(new Claim.Completed(RESULT));
    }

    @Test
    void a_look_that_fails_for_another_reason_ends_the_waiting() {
        hold(TAKE_OVER);
        COMMANDS.del(key.key(KeySpace.DEFAULT));
        COMMANDS.lpush(key.key(KeySpace.DEFAULT), new byte[1]);

        assertThatThrownBy(() -> twins.awaitEnd(key, Duration.ofSeconds(20)))
                .hasMessage("looking after a claim in progress failed");
        assertThat(twins.watched()).isZero();
    }
}

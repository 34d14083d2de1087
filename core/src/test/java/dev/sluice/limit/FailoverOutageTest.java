package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.RedisWatch;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** When an outage begins and ends, of which part of a cluster, and in which order that is told. */
class FailoverOutageTest extends FailoverFixture {
    @Test
    void a_store_that_takes_no_writes_is_not_back_with_a_denial() {
        var limiter = replica(1, OnStoreFailure.LOCAL);
        redis.tryAcquire(Acquisition.of(new Charge(BOT, THIRTY, 30)));
        way.refuse(Reason.OUT_OF_MEMORY);
        limiter.park(new Bucket("1", "chat", "1"), SECOND);
        way.cut(false);

        limiter.statistics(BOT, THIRTY);
        assertThat(limiter.tryAcquire(ONE)).isInstanceOf(Denied.class);
        // What a full memory takes all the same says nothing either.
        limiter.park(new Bucket("1", "chat", "1"), SECOND);
        limiter.flooded(Flood.toldOnly(new BotId(1), Optional.of(ChatId.of(1)), SECOND));
        limiter.forgetLearned(BOT);
        assertThat(told).containsExactly("began");
        clock.advance(SECOND);
        assertThat(limiter.tryAcquire(ONE)).isInstanceOf(Allowed.class);
        assertThat(told).containsExactly("began", "ended after PT1S");
    }

    @Test
    void a_failure_that_comes_after_an_answer_to_a_later_question_is_no_second_outage() {
        var share = new LocalShare(() -> 3, clock);
        RedisWatch.Guard watched = share.watched(listener());
        long asked = share.now();
        share.outageBegan(gone(), "redis", asked, listener());
        clock.advance(Duration.ofMillis(10));
        share.answered("redis", true, listener());
        clock.advance(Duration.ofMillis(10));

        share.outageBegan(gone(), "redis", asked, listener());
        watched.lost(gone(), Duration.ofMillis(11));
        assertThat(told).containsExactly("began", "ended after PT0.01S");
        assertThat(share.isOutage()).isFalse();
        assertThat(share.tryAcquire(ONE))
                .as(
                        "for who was not answered it is as if it still went on, others may have spent everything; but Redis can be asked")
                .isEqualTo(new Denied(BOT, Cause.LIMIT, Duration.ofMillis(100), 0));

        watched.lost(gone(), Duration.ofMillis(10));
        assertThat(told).containsExactly("began", "ended after PT0.01S", "began");
    }

    @Test
    void what_other_parts_of_a_cluster_answer_ends_no_outage_of_one_that_still_fails() {
        var share = new LocalShare(() -> 3, clock);
        RedisWatch.Guard watched = share.watched(listener());
        share.outageBegan(gone(), "one", share.now(), listener());
        share.answered("other", true, listener());
        share.outageBegan(gone(), "one", share.now(), listener());
        share.answered("other", true, listener());
        assertThat(told).containsExactly("began");

        share.answered("one", false, listener());
        assertThat(told).containsExactly("began", "ended after PT0S");

        clock.advance(SECOND);
        share.outageBegan(gone(), "one", share.now(), listener());
        Duration nearly = StoreReturn.QUIET.minusNanos(1_000);
        for (int i = 0; i < 3; i++) {
            clock.advance(nearly);
            share.answered("other", true, listener());
            assertThat(share.isOutage()).isTrue();
            watched.partLost();
        }
        clock.advance(StoreReturn.QUIET);
        share.answered("other", true, listener());
        assertThat(share.isOutage()).isFalse();
    }

    @Test
    void a_part_of_a_cluster_ends_an_outage_that_the_watch_found_of_all() {
        var share = new LocalShare(() -> 3, clock);
        share.outageBegan(gone(), "one", share.now(), listener());
        share.answered("one", true, listener());
        clock.advance(SECOND);
        share.watched(listener()).lost(gone(), Duration.ZERO);
        share.answered("other", true, listener());

        assertThat(told).containsExactly("began", "ended after PT0S", "began", "ended after PT0S");
    }

    @Test
    void an_outage_of_one_part_of_a_cluster_is_told_once_while_others_answer() {
        var other = new Bucket("2", "bot", "2");
        var limiter = new FailoverRateLimiter(
                way, new LocalShare(() -> 1, clock), OnStoreFailure.LOCAL, listener(), tag -> "part " + tag);
        for (int i = 0; i < 5; i++) {
            way.cut(true);
            limiter.tryAcquire(ONE);
            way.cut(false);
            limiter.tryAcquire(Acquisition.of(new Charge(other, THIRTY, 1)));
            limiter.statistics(other, THIRTY);
            limiter.park(other, SECOND);
        }
        assertThat(told).containsExactly("began");
        limiter.tryAcquire(ONE);
        assertThat(told).containsExactly("began", "ended after PT0S");
    }

    @Test
    void that_it_ended_is_never_told_before_that_it_began() throws Exception {
        var share = new LocalShare(() -> 1, clock);
        var telling = new CountDownLatch(1);
        var tells = new CountDownLatch(1);
        var slow = new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                telling.countDown();
                try {
                    tells.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                told.add("began");
            }

            @Override
            public void outageEnded(Duration lasted) {
                told.add("ended");
            }
        };
        Thread fails = Thread.ofPlatform().start(() -> share.outageBegan(gone(), "redis", share.now(), slow));
        telling.await();
        Thread answered = Thread.ofPlatform().start(() -> share.answered("redis", true, slow));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> answered.getState() == Thread.State.WAITING || !answered.isAlive());
        tells.countDown();
        fails.join();
        answered.join();

        assertThat(told).containsExactly("began", "ended");
    }

    @Test
    void the_watch_tells_of_beginning_and_end_once() {
        var share = new LocalShare(() -> 1, clock);
        var limiter = new FailoverRateLimiter(way, share, OnStoreFailure.LOCAL, listener(), tag -> "redis");
        RedisWatch.Guard watched = share.watched(listener());
        watched.found();
        watched.lost(gone(), Duration.ZERO);
        watched.lost(gone(), Duration.ZERO);
        assertThat(share.isOutage()).isTrue();
        clock.advance(SECOND);
        watched.found();
        watched.found();
        assertThat(told).containsExactly("began", "ended after PT1S");

        way.cut(true);
        limiter.tryAcquire(ONE);
        watched.found();
        assertThat(told)
                .as("callers have just met something else")
                .containsExactly("began", "ended after PT1S", "began");
    }
}

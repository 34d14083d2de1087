package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned.BecomesUnknown;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.queue.Enqueued;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls with keys, whose homes are in all regions. */
@Timeout(60)
class RegionalDeliveryTest extends RegionsFixture {
    @Test
    void a_call_without_a_key_and_one_whose_keys_home_is_here_never_leave_the_region() throws Exception {
        var sent = new AtomicInteger();
        for (int chat = 1; chat <= 5; chat++) {
            assertThat(eu().sends(call(chat, "hello"), counting(sent))).isInstanceOf(Outcome.Sent.class);
            assertThat(eu().sends(homedIn("eu", 10 + chat, "t" + chat), counting(sent)))
                    .isInstanceOf(Outcome.Sent.class);
        }
        assertThat(sent).hasValue(10);
        assertThat(crossings).hasValue(0);
    }

    @Test
    void a_call_whose_keys_home_is_elsewhere_goes_there_twice_and_its_answer_is_kept_there() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(crossings).as("to claim and to settle").hasValue(2);

        for (Region region : List.of(eu(), us(), asia())) {
            assertThat(region.sends(order, counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        }
        assertThat(sent).hasValue(1);
        assertThat(redis.commands().keys("us*idempotency:*")).hasSize(1);
        assertThat(redis.commands().keys("eu*idempotency:*")).isEmpty();
    }

    @Test
    void of_50_twins_in_all_regions_at_once_one_is_sent_and_all_get_its_answer() throws Exception {
        for (String home : NAMES) {
            var sent = new AtomicInteger();
            OutboundCall order = homedIn(home, 1, "order " + home);
            var start = new CountDownLatch(1);
            var outcomes = new ArrayList<Future<Outcome>>();
            for (int i = 0; i < 50; i++) {
                Region region = region(NAMES.get(i % 3));
                outcomes.add(threads.submit(() -> {
                    start.await();
                    return region.sends(waiting(order, Duration.ofSeconds(30)), counting(sent));
                }));
            }
            start.countDown();
            for (Future<Outcome> outcome : outcomes) {
                assertThat(outcome.get()).isIn(new Outcome.Sent(ok(1)), new Outcome.Duplicate(ok(1)));
            }
            assertThat(sent).hasValue(1);
        }
    }

    @Test
    void the_same_key_with_other_content_is_refused_in_every_region() throws Exception {
        OutboundCall order = homedIn("us", 1, "order");
        eu().sends(order, answers(ok(1)));
        OutboundCall other = keyed(call(1, "something else"), "x");
        OutboundCall clash = new OutboundCall(
                other.bot(),
                other.method(),
                other.chat(),
                1,
                false,
                other.fingerprint(),
                order.key(),
                other.keep(),
                other.maxWait(),
                other.priority(),
                false);
        var sent = new AtomicInteger();
        assertThat(asia().sends(clash, counting(sent))).isInstanceOf(Outcome.Mismatch.class);
        assertThat(us().sends(clash, counting(sent))).isInstanceOf(Outcome.Mismatch.class);
        assertThat(asia().queues(clash)).isEqualTo(new Enqueued.Claimed(KeyStanding.MISMATCH));
        assertThat(sent).hasValue(0);
    }

    @Test
    void what_was_not_sent_may_be_sent_in_another_region_and_what_may_have_been_is_unknown_in_all() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall first = homedIn("us", 1, "first");
        assertThat(eu().sends(waiting(first, Duration.ZERO), dispatch -> new Attempt.NotReached("refused")))
                .isInstanceOf(Outcome.NotReached.class);
        assertThat(asia().sends(first, counting(sent))).isInstanceOf(Outcome.Sent.class);

        OutboundCall second = homedIn("us", 2, "second");
        assertThat(eu().sends(second, unanswered(sent))).isInstanceOf(Outcome.Unknown.class);
        for (Region region : List.of(eu(), us(), asia())) {
            assertThat(region.sends(second, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        }
        assertThat(sent).hasValue(2);
    }

    @Test
    void who_dies_after_the_claim_leaves_it_unknown_once_its_lease_is_over() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var claims = new RedisHomeClaims(runner("us"), runner("us"), KeySpace.DEFAULT);
        claims.claim(new ClaimRequest(
                order.key().orElseThrow(), order.fingerprint(), BRIEF, new BecomesUnknown(order.keep())));

        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(us().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_claim_is_held_as_long_as_its_call_waits_for_its_turn() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = waiting(homedIn("us", 1, "order"), Duration.ofSeconds(20));
        eu().sends(call(1, "before"), counting(sent));
        // Telegram parks the chat for longer than a lease.
        eu().sends(waiting(call(1, "told to wait"), Duration.ZERO), answers(flood(LEASE.plusSeconds(1))));
        Future<Outcome> waits = threads.submit(() -> eu().sends(order, counting(sent)));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !redis.commands().keys("us*idempotency:*").isEmpty());
        Future<Outcome> twin = threads.submit(() -> asia().sends(order, counting(sent)));

        assertThat(waits.get()).isInstanceOf(Outcome.Sent.class);
        assertThat(twin.get()).isInstanceOf(Outcome.Duplicate.class);
        assertThat(sent).hasValue(2);
    }

    @Test
    void a_region_that_is_away_stops_only_what_has_its_home_there() throws Exception {
        us().away = true;
        var sent = new AtomicInteger();
        assertThat(eu().sends(homedIn("us", 1, "a"), counting(sent))).isInstanceOf(Outcome.StoreUnavailable.class);
        assertThatThrownBy(() -> eu().queues(homedIn("us", 1, "a")))
                .isInstanceOfSatisfying(
                        RedisUnavailableException.class,
                        e -> assertThat(e.mayHaveRun()).isFalse());
        assertThat(sent).hasValue(0);

        assertThat(eu().sends(homedIn("asia", 2, "b"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(eu().sends(homedIn("eu", 3, "c"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(eu().sends(call(4, "d"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(us().sends(call(5, "its own, by policy"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(us().sends(homedIn("asia", 6, "its own, claimed elsewhere"), counting(sent)))
                .isInstanceOf(Outcome.Sent.class);
        assertThat(us().sends(homedIn("us", 7, "e"), counting(sent))).isInstanceOf(Outcome.StoreUnavailable.class);
        assertThat(sent).hasValue(5);
    }

    @Test
    void by_policy_a_call_goes_on_without_its_keys_home_once_per_region() throws Exception {
        regions.values().forEach(region -> region.gateway.delivery().close());
        open(OnStoreFailure.OPEN);
        us().away = true;
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(eu().sends(order, counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));

        us().away = false;
        assertThat(eu().sends(order, counting(sent))).as("the home is back").isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(asia().sends(order, counting(sent))).as("and was told now").isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(sent).hasValue(1);
    }

    @Test
    void what_is_unknown_to_a_region_alone_is_not_sent_again_there_after_the_home_has_returned() throws Exception {
        regions.values().forEach(region -> region.gateway.delivery().close());
        open(OnStoreFailure.LOCAL);
        us().away = true;
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().sends(order, unanswered(sent))).isInstanceOf(Outcome.Unknown.class);

        us().away = false;
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_message_that_its_keys_home_has_forgotten_is_not_sent_beside_by_a_call_of_its_own_region() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var id = ((Enqueued.Added) eu().queues(order)).id();
        redis.commands().keys("us*idempotency:*").forEach(redis.commands()::del);

        assertThat(eu().sends(waiting(order, Duration.ZERO), counting(sent))).isEqualTo(new Outcome.Queued(id, true));
        assertThat(asia().sends(order, counting(sent)))
                .as("the home was told anew")
                .isEqualTo(new Outcome.Queued(id, true));
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_twin_that_does_not_wait_is_told_of_the_first_though_the_home_is_lost_just_then() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        new RedisHomeClaims(runner("us"), runner("us"), KeySpace.DEFAULT)
                .claim(new ClaimRequest(
                        order.key().orElseThrow(),
                        order.fingerprint(),
                        Duration.ofMinutes(1),
                        new BecomesUnknown(order.keep())));
        us().goesAwayAfterOne = true;

        assertThat(eu().sends(waiting(order, Duration.ZERO), counting(sent))).isInstanceOf(Outcome.TwinInFlight.class);
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_claim_whose_reply_was_lost_is_taken_back() throws Exception {
        us().losesReplies = true;
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.StoreUnavailable.class);
        us().losesReplies = false;

        assertThat(asia().sends(waiting(order, Duration.ofSeconds(20)), counting(sent)))
                .as("sent, or unknown had its lease run out before it was taken back")
                .isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(1);
    }
}

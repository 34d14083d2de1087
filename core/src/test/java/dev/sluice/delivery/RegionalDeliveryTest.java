package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned.BecomesUnknown;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three regions, each with its own keys in the test's Redis; what goes from one to another is counted, and can be cut or lose its reply. */
@Timeout(60)
class RegionalDeliveryTest extends DeliveryCalls {
    /** A lease that is over before anybody who asks after it gives up. */
    private static final Duration BRIEF = Duration.ofMillis(500);

    private static final List<String> NAMES = List.of("asia", "eu", "us");
    private static final List<Share> SHARES =
            NAMES.stream().map(name -> new Share(name, 3_333)).toList();
    private static final KeyRing SHARED_KEY = KeyRing.of(List.of("ab".repeat(32)));

    private final SharedRedis redis = RedisFixture.shared();
    private final Map<String, Region> regions = new HashMap<>();
    private final AtomicInteger crossings = new AtomicInteger();

    /** One region: its gateway and its queue. */
    private final class Region {
        final Deliveries.Regional gateway;
        final MessageQueue queue;
        volatile boolean away;
        volatile boolean losesReplies;

        /** The next step that comes from another region is the last. */
        volatile boolean goesAwayAfterOne;

        Region(String name, OnStoreFailure keyed) {
            ScriptRunner here = runner(name);
            var all = new Regions(name, SHARES);
            var others = new HashMap<String, Optional<Deliveries.Elsewhere>>();
            for (String other : NAMES) {
                ScriptRunner there = crossing(other);
                others.put(
                        other,
                        other.equals(name) ? Optional.empty() : Optional.of(new Deliveries.Elsewhere(there, there)));
            }
            var failure = new Deliveries.StoreFailure(
                    () -> 1, OnStoreFailure.LOCAL, keyed, OnStoreFailure.OPEN, OutageListener.NONE, guard -> {});
            gateway = Deliveries.onRedisInRegion(
                    here,
                    here,
                    KeySpace.DEFAULT,
                    settings(),
                    DeliveryEvents.NONE,
                    Deliveries.newProcess(),
                    failure,
                    SHARED_KEY,
                    name,
                    new Homes<>(all, others));
            queue = MessageQueues.onRedis(
                    here, here, KeySpace.DEFAULT, any -> LIMITS, QueueSettings.DEFAULT, new Random(7));
        }

        Outcome sends(OutboundCall call, Sender sender) throws InterruptedException {
            return deliver(gateway.delivery(), call, sender);
        }

        Enqueued queues(OutboundCall call) {
            var message = NewMessage.to(call.chat().orElseThrow(), "queued".getBytes(UTF_8))
                    .once(call.key().orElseThrow().digest(), call.fingerprint());
            return gateway.queueing().enqueue(call, Duration.ZERO, () -> queue.enqueue(bot, message));
        }
    }

    /** That region's keys, by their prefix, inside the hash tag's reach. */
    private ScriptRunner runner(String region) {
        return (script, keys, args) -> {
            if (region(region).away) {
                throw new RedisUnavailableException("away", false, null);
            }
            return redis.runner()
                    .run(script, keys.stream().map(key -> region + key).toList(), args);
        };
    }

    private ScriptRunner crossing(String region) {
        ScriptRunner there = runner(region);
        return (Script script, List<String> keys, List<byte[]> args) -> {
            crossings.incrementAndGet();
            ScriptReply reply = there.run(script, keys, args);
            if (region(region).goesAwayAfterOne) {
                region(region).away = true;
            }
            if (region(region).losesReplies) {
                throw new RedisUnavailableException("lost", true, null);
            }
            return reply;
        };
    }

    @BeforeEach
    void open() {
        redis.flush();
        open(OnStoreFailure.CLOSED);
    }

    private void open(OnStoreFailure keyed) {
        NAMES.forEach(name -> regions.put(name, new Region(name, keyed)));
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        regions.values().forEach(region -> region.gateway.delivery().close());
    }

    private Region region(String name) {
        return Objects.requireNonNull(regions.get(name));
    }

    private Region eu() {
        return region("eu");
    }

    private Region us() {
        return region("us");
    }

    private Region asia() {
        return region("asia");
    }

    /** A keyed call whose key's home is there. */
    private OutboundCall homedIn(String region, long chat, String text) {
        var homes = new Homes<>(new Regions("eu", SHARES), Map.of("asia", "asia", "eu", "eu", "us", "us"));
        return IntStream.range(0, 1_000)
                .mapToObj(i -> keyed(call(chat, text), text + i))
                .filter(call -> homes.of(call.key().orElseThrow().name()).equals(region))
                .findFirst()
                .orElseThrow();
    }

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

    @Test
    void a_message_is_queued_once_over_all_regions_and_its_key_is_no_calls_any_more() throws Exception {
        var sent = new AtomicInteger();
        for (String home : NAMES) {
            OutboundCall order = homedIn(home, 1, "order " + home);
            var id = ((Enqueued.Added) eu().queues(order)).id();

            for (Region region : List.of(eu(), us(), asia())) {
                assertThat(region.queues(order)).isEqualTo(new Enqueued.Known(id));
                assertThat(region.sends(waiting(order, Duration.ZERO), counting(sent)))
                        .isEqualTo(new Outcome.Queued(id, true));
            }
            assertThat(us().queue.find(id)).isEmpty();
            assertThat(asia().queue.find(id)).isEmpty();
        }
        assertThat(sent).hasValue(0);
    }

    @Test
    void of_twins_that_are_queued_and_sent_in_all_regions_at_once_one_is() throws Exception {
        for (int round = 0; round < 4; round++) {
            var sent = new AtomicInteger();
            OutboundCall order = homedIn(NAMES.get(round % 3), 100 + round, "order " + round);
            var start = new CountDownLatch(1);
            var queued = new ArrayList<Future<Enqueued>>();
            var called = new ArrayList<Future<Outcome>>();
            for (Region region : List.of(eu(), us(), asia())) {
                queued.add(threads.submit(() -> {
                    start.await();
                    return region.queues(order);
                }));
                called.add(threads.submit(() -> {
                    start.await();
                    return region.sends(order, counting(sent));
                }));
            }
            start.countDown();
            int added = 0;
            for (Future<Enqueued> one : queued) {
                added += one.get() instanceof Enqueued.Added ? 1 : 0;
            }
            for (Future<Outcome> one : called) {
                assertThat(one.get())
                        .isInstanceOfAny(Outcome.Sent.class, Outcome.Duplicate.class, Outcome.Queued.class);
            }
            assertThat(added + sent.get()).as("round %d", round).isEqualTo(1);
        }
    }

    @Test
    void a_message_that_was_taken_back_lets_its_key_go_in_its_own_region() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var id = ((Enqueued.Added) eu().queues(order)).id();
        eu().queue.cancel(id);

        assertThat(asia().sends(order, counting(sent))).isEqualTo(new Outcome.Queued(id, true));
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_queue_that_has_no_room_lets_the_key_go() throws Exception {
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> new Enqueued.Full(1)))
                .isEqualTo(new Enqueued.Full(1));
        assertThat(asia().queues(order)).isInstanceOf(Enqueued.Added.class);
    }

    @Test
    void a_message_that_is_queued_though_nobody_heard_it_is_found_in_its_own_region_and_unknown_in_others()
            throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var message = NewMessage.to(order.chat().orElseThrow(), "queued".getBytes(UTF_8))
                .once(order.key().orElseThrow().digest(), order.fingerprint());
        assertThatThrownBy(() -> eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> {
                    eu().queue.enqueue(bot, message);
                    throw new RedisUnavailableException("lost", true, null);
                }))
                .isInstanceOf(RedisUnavailableException.class);

        var id = ((Enqueued.Known) eu().queues(order)).id();
        assertThat(eu().queue.find(id)).isPresent();
        assertThat(eu().sends(waiting(order, Duration.ZERO), counting(sent))).isEqualTo(new Outcome.Queued(id, true));
        assertThat(asia().queues(order)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_message_of_which_nobody_knows_whether_it_is_queued_is_unknown_everywhere() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThatThrownBy(() -> eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> {
                    throw new RedisUnavailableException("lost", true, null);
                }))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(asia().queues(order)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(0);
    }
}

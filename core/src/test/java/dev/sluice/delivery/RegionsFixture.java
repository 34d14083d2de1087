package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.KeyRing;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Three regions, each with its own keys in the test's Redis; what goes from one to another is counted, and can be cut or lose its reply. */
abstract class RegionsFixture extends DeliveryCalls {
    /** A lease that is over before anybody who asks after it gives up. */
    static final Duration BRIEF = Duration.ofMillis(500);

    static final List<String> NAMES = List.of("asia", "eu", "us");
    static final List<Share> SHARES =
            NAMES.stream().map(name -> new Share(name, 3_333)).toList();
    static final KeyRing SHARED_KEY = KeyRing.of(List.of("ab".repeat(32)));

    final SharedRedis redis = RedisFixture.shared();
    final Map<String, Region> regions = new HashMap<>();
    final AtomicInteger crossings = new AtomicInteger();

    /** One region: its gateway and its queue. */
    final class Region {
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
    ScriptRunner runner(String region) {
        return (script, keys, args) -> {
            if (region(region).away) {
                throw new RedisUnavailableException("away", false, null);
            }
            return redis.runner()
                    .run(script, keys.stream().map(key -> region + key).toList(), args);
        };
    }

    ScriptRunner crossing(String region) {
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

    void open(OnStoreFailure keyed) {
        NAMES.forEach(name -> regions.put(name, new Region(name, keyed)));
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        regions.values().forEach(region -> region.gateway.delivery().close());
    }

    Region region(String name) {
        return Objects.requireNonNull(regions.get(name));
    }

    Region eu() {
        return region("eu");
    }

    Region us() {
        return region("us");
    }

    Region asia() {
        return region("asia");
    }

    /** A keyed call whose key's home is there. */
    OutboundCall homedIn(String region, long chat, String text) {
        var homes = new Homes<>(new Regions("eu", SHARES), Map.of("asia", "asia", "eu", "eu", "us", "us"));
        return IntStream.range(0, 1_000)
                .mapToObj(i -> keyed(call(chat, text), text + i))
                .filter(call -> homes.of(call.key().orElseThrow().name()).equals(region))
                .findFirst()
                .orElseThrow();
    }
}

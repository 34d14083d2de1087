package dev.sluice.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What the gateway adds to a call when a thousand a second are offered. The ways take turns of a second or two. */
final class GatewayUnderLoad {
    private static final OfferedLoad LOAD = new OfferedLoad(1_000, Duration.ofMillis(1_500));
    private static final double P50_AIM = 1;
    private static final double P99_AIM = 5;

    private final int rounds;
    private final int warmUp;

    /** @param warmUp calls that each way answers before it is measured */
    GatewayUnderLoad(int rounds, int warmUp) {
        this.rounds = rounds;
        this.warmUp = warmUp;
    }

    /** One way to the simulator, and what was measured of it, by round. */
    private record Way(String name, HttpConnections connections, List<Double> p50, List<Double> p99) {
        Way(String name, HttpConnections connections) {
            this(name, connections, new ArrayList<>(), new ArrayList<>());
        }
    }

    Section measure(Path root, BenchmarkRedis redis) throws Exception {
        redis.forgetEverything();
        try (var telegram = SluiceProcess.start(root, Map.of(), "simulate", "--port", "0", "--no-flood");
                var memory = SluiceProcess.gateway(root, Map.of("TELEGRAM_API_URL", telegram.url()));
                var shared = SluiceProcess.gateway(
                        root, Map.of("TELEGRAM_API_URL", telegram.url(), "REDIS_URL", redis.url()));
                var toTelegram = new HttpConnections(telegram.url());
                var toMemory = new HttpConnections(memory.url());
                var toShared = new HttpConnections(shared.url())) {
            var direct = new Way("straight to the simulator", toTelegram);
            var inMemory = new Way("in memory", toMemory);
            var onRedis = new Way("on Redis", toShared);
            var ways = new ArrayList<>(List.of(direct, inMemory, onRedis));
            for (Way way : ways) {
                BotRequests.introduceAll(way.connections());
                OfferedLoad.asFastAsItGoes(warmUp, way.connections(), BotRequests::nextMessage);
            }
            var shuffle = new Random(1);
            for (int round = 0; round < rounds; round++) {
                Collections.shuffle(ways, shuffle);
                for (Way way : ways) {
                    List<Double> millis = LOAD.offer(way.connections(), BotRequests::nextMessage);
                    way.p50().add(Spread.percentile(millis, 50));
                    way.p99().add(Spread.percentile(millis, 99));
                }
            }
            return new Section(
                    "Latency of sendMessage at 1,000 calls a second",
                    BotClient.BOTS
                            + " bots, a chat for each call, so that no limit holds one; offered at fixed times, measured "
                            + "from the time a call was due; " + rounds + " rounds of "
                            + LOAD.duration().toMillis() + " ms each way, after "
                            + warmUp + " calls as fast as they went; 'added' is the difference within a round",
                    List.of(
                            Figure.of("p50 " + direct.name(), "ms", direct.p50()),
                            added("p50", inMemory.name(), inMemory.p50(), direct.p50())
                                    .atMost(P50_AIM),
                            added("p50", onRedis.name(), onRedis.p50(), direct.p50())
                                    .atMost(P50_AIM),
                            Figure.of("p99 " + direct.name(), "ms", direct.p99()),
                            added("p99", inMemory.name(), inMemory.p99(), direct.p99())
                                    .atMost(P99_AIM),
                            added("p99", onRedis.name(), onRedis.p99(), direct.p99())
                                    .atMost(P99_AIM)));
        }
    }

    private static Figure added(String percentile, String way, List<Double> own, List<Double> direct) {
        return Figure.of(percentile + " added by the gateway, " + way, "ms", Figure.differences(own, direct));
    }
}

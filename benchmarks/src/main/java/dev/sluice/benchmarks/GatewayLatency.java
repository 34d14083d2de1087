package dev.sluice.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What the gateway adds to a call, at a pace that no limit and no queue disturbs. The three ways take turns call by call, so
 * that whatever happens on the machine happens to all of them.
 */
final class GatewayLatency {
    /** Pauses between calls, so that each finds an idle gateway: 60 calls a second over the three ways. */
    private static final Duration PACE = Duration.ofMillis(16);

    private final int rounds;
    private final int callsPerRound;
    private final int warmUp;

    /** @param warmUp calls of each way that are not measured, without a pause */
    GatewayLatency(int rounds, int callsPerRound, int warmUp) {
        this.rounds = rounds;
        this.callsPerRound = callsPerRound;
        this.warmUp = warmUp;
    }

    Section measure(Path root, BenchmarkRedis redis) throws Exception {
        redis.forgetEverything();
        try (var telegram = SluiceProcess.start(root, Map.of(), "simulate", "--port", "0", "--no-flood");
                var memory = SluiceProcess.gateway(root, Map.of("TELEGRAM_API_URL", telegram.url()));
                var shared = SluiceProcess.gateway(
                        root, Map.of("TELEGRAM_API_URL", telegram.url(), "REDIS_URL", redis.url()));
                var direct = new BotClient(telegram.url());
                var inMemory = new BotClient(memory.url());
                var onRedis = new BotClient(shared.url())) {
            var ways = List.of(
                    new Way("straight to the simulator", "", direct, new ArrayList<>()),
                    new Way("through the gateway, in memory", "added in memory", inMemory, new ArrayList<>()),
                    new Way("through the gateway, on Redis", "added on Redis", onRedis, new ArrayList<>()));
            for (Way way : ways) {
                way.client().introduce();
                for (int i = 0; i < warmUp; i++) {
                    var unused = way.client().sendMillis();
                }
            }
            sample(ways);
            return new Section(
                    "Latency of sendMessage",
                    rounds + " rounds of " + callsPerRound + " calls each way, in turns, one call at a time with "
                            + PACE.toMillis() + " ms between; 'added' is the difference within a round",
                    figures(ways));
        }
    }

    /**
     * One way to the simulator; the first is the one that the others are compared with.
     *
     * @param added what its difference to the first is called; empty for the first
     * @param millis of each call, by round
     */
    private record Way(String name, String added, BotClient client, List<List<Double>> millis) {
        List<Double> percentiles(double percent) {
            return millis.stream()
                    .map(round -> Spread.percentile(round, percent))
                    .toList();
        }
    }

    private void sample(List<Way> ways) throws IOException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            ways.forEach(way -> way.millis().add(new ArrayList<>()));
            for (int i = 0; i < callsPerRound; i++) {
                for (Way way : ways) {
                    way.millis().getLast().add(way.client().sendMillis());
                    LockSupport.parkNanos(PACE.toNanos());
                }
            }
        }
    }

    private static List<Figure> figures(List<Way> ways) {
        var figures = new ArrayList<Figure>();
        for (int percent : List.of(50, 99)) {
            String prefix = "p" + percent + " ";
            List<Double> direct = ways.getFirst().percentiles(percent);
            for (Way way : ways) {
                List<Double> own = way.percentiles(percent);
                figures.add(Figure.of(prefix + way.name(), "ms", own));
                if (!way.added().isEmpty()) {
                    figures.add(Figure.of(prefix + way.added(), "ms", Figure.differences(own, direct)));
                }
            }
        }
        return figures;
    }
}

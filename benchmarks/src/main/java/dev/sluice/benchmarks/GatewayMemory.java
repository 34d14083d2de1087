package dev.sluice.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How much memory a serving process holds: as it comes, and with a heap of the least size that one would give it. */
final class GatewayMemory {
    private static final OfferedLoad WARM_UP = new OfferedLoad(200, Duration.ofSeconds(3));
    private static final OfferedLoad LOAD = new OfferedLoad(1_000, Duration.ofSeconds(10));
    private static final double MEGABYTE = 1 << 20;

    private GatewayMemory() {}

    static Section measure(Path root, BenchmarkRedis redis) throws Exception {
        redis.forgetEverything();
        var figures = new ArrayList<Figure>();
        try (var telegram = SluiceProcess.start(root, Map.of(), "simulate", "--port", "0", "--no-flood")) {
            for (String heap : List.of("", "-Xmx128m")) {
                var settings = Map.of("TELEGRAM_API_URL", telegram.url(), "REDIS_URL", redis.url(), "JAVA_OPTS", heap);
                String name = heap.isEmpty() ? "JVM's own choice of a heap" : "JAVA_OPTS=" + heap;
                try (var gateway = SluiceProcess.gateway(root, settings);
                        var connections = new HttpConnections(gateway.url())) {
                    double ready = gateway.process().residentBytes();
                    BotRequests.introduceAll(connections);
                    for (OfferedLoad load : List.of(WARM_UP, LOAD)) {
                        var unused = load.offer(connections, BotRequests::nextMessage);
                    }
                    double most = gateway.process().mostResidentBytes();
                    figures.add(Figure.of("ready, " + name, "MB", List.of(ready / MEGABYTE)));
                    figures.add(Figure.of("most under load, " + name, "MB", List.of(most / MEGABYTE)));
                }
            }
        }
        return new Section(
                "Memory of the gateway",
                "resident set of ./sluice serve on Redis, when it is ready and the most during " + LOAD.perSecond()
                        + " calls a second for " + LOAD.duration().toSeconds()
                        + " s; left to itself the JVM takes up to a quarter of the machine's memory for its heap",
                figures);
    }
}

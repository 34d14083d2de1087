package dev.sluice.server.health;

import dev.sluice.server.health.PartHealth.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The health of the whole: its parts, and the phase of its life. Thread-safe. */
public final class Health {
    /** A decision takes one round trip, so a slower Redis is felt by every message. */
    private static final Duration SLOW_PING = Duration.ofMillis(10);

    private static final Logger log = LoggerFactory.getLogger(Health.class);

    private final String version;
    private final long startedNanos = System.nanoTime();
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private volatile Phase phase = Phase.STARTING;

    /**
     * @param version the program's
     */
    public Health(String version) {
        this.version = version;
    }

    /** Adds a part and says in one line what it is. */
    public void add(Part part) {
        parts.add(part);
        announce(part.health());
    }

    /** The program's version. */
    public String version() {
        return version;
    }

    public Phase phase() {
        return phase;
    }

    public void enter(Phase newPhase) {
        phase = newPhase;
    }

    /** Whether calls are welcome; a degraded program is ready. */
    public boolean isReady() {
        return phase == Phase.READY;
    }

    /** Everything as JSON. */
    public Map<String, Object> report() {
        var healths = parts.stream().map(Part::health).toList();
        var json = new LinkedHashMap<String, Object>();
        json.put("status", status(healths));
        json.put("version", version);
        json.put("uptime_seconds", (System.nanoTime() - startedNanos) / 1_000_000_000L);
        json.put("parts", healths.stream().map(PartHealth::toJson).toList());
        return json;
    }

    private String status(List<PartHealth> healths) {
        if (phase != Phase.READY) {
            return phase.name().toLowerCase(Locale.ROOT);
        }
        return healths.stream().anyMatch(part -> part.status() == Status.DEGRADED) ? "degraded" : "ok";
    }

    private static void announce(PartHealth part) {
        if (part.status() == Status.OFF) {
            log.debug("{} is off", part.name());
            return;
        }
        var line = log.atInfo().addKeyValue("backend", part.backend());
        for (var fact : part.toJson().entrySet()) {
            if (!List.of("name", "status", "backend").contains(fact.getKey())) {
                line = line.addKeyValue(fact.getKey(), fact.getValue());
            }
        }
        line.log(part.status() == Status.OK ? part.name() : part.name() + " is degraded");
        part.ping()
                .filter(ping -> ping.compareTo(SLOW_PING) > 0)
                .ifPresent(ping -> log.atWarn()
                        .addKeyValue("part", part.name())
                        .addKeyValue("ping_ms", ping.toMillis())
                        .log("the round trip is over {} ms: every decision takes one", SLOW_PING.toMillis()));
    }
}

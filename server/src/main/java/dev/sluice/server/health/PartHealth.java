package dev.sluice.server.health;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One part at one moment. Holds no secret.
 *
 * @param name such as {@code limits}
 * @param status whether it does what it should
 * @param backend what does it: {@code memory}, {@code redis}, ...
 * @param version of the backend
 * @param ping the round trip to the backend
 * @param survivesRestart whether its data do
 * @param details anything else worth knowing: texts, numbers and booleans by name
 */
public record PartHealth(
        String name,
        Status status,
        String backend,
        Optional<String> version,
        Optional<Duration> ping,
        Optional<Boolean> survivesRestart,
        Map<String, Object> details) {

    /** Whether a part does what it should. */
    public enum Status {
        OK,
        /** It goes on with less than it should have. */
        DEGRADED,
        OFF
    }

    public PartHealth {
        details = Map.copyOf(details);
    }

    public static PartHealth of(String name, Status status, String backend) {
        return new PartHealth(name, status, backend, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    static PartHealth off(String name, String why) {
        return of(name, Status.OFF, "none").with("reason", why);
    }

    PartHealth status(Status newStatus) {
        return new PartHealth(name, newStatus, backend, version, ping, survivesRestart, details);
    }

    public PartHealth version(String newVersion) {
        return new PartHealth(name, status, backend, Optional.of(newVersion), ping, survivesRestart, details);
    }

    public PartHealth ping(Duration roundTrip) {
        return new PartHealth(name, status, backend, version, Optional.of(roundTrip), survivesRestart, details);
    }

    public PartHealth survivingRestart(boolean survives) {
        return new PartHealth(name, status, backend, version, ping, Optional.of(survives), details);
    }

    /** The same with one more detail: a text, a number or a boolean. */
    public PartHealth with(String detail, Object value) {
        var more = new LinkedHashMap<>(details);
        more.put(detail, value);
        return new PartHealth(name, status, backend, version, ping, survivesRestart, more);
    }

    /** As JSON shows it; what is not known is left out. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", name);
        json.put("status", status.name().toLowerCase(Locale.ROOT));
        json.put("backend", backend);
        version.ifPresent(text -> json.put("version", text));
        ping.ifPresent(time -> json.put("ping_ms", Math.round(time.toNanos() / 10_000.0) / 100.0));
        survivesRestart.ifPresent(survives -> json.put("survives_restart", survives));
        details.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail -> json.put(detail.getKey(), detail.getValue()));
        return json;
    }
}

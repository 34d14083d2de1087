package dev.sluice.server.health;

import dev.sluice.region.Regions;
import dev.sluice.server.health.PartHealth.Status;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The regions as a part: which can be asked, and whether all gateways run by one list. Thread-safe. */
public final class RegionsPart implements Part {
    private final Regions regions;
    private final Map<String, BooleanSupplier> others;
    private final Supplier<Optional<String>> problem;

    /**
     * @param others whether each of the other regions can be asked
     * @param problem in what gateways differ
     */
    public RegionsPart(Regions regions, Map<String, BooleanSupplier> others, Supplier<Optional<String>> problem) {
        this.regions = regions;
        this.others = others;
        this.problem = problem;
    }

    @Override
    public PartHealth health() {
        Optional<String> differs = problem.get();
        boolean down = false;
        var health = PartHealth.of("regions", Status.OK, "redis")
                .with("self", regions.self())
                .with("shares", regions.list());
        for (var other : others.entrySet()) {
            boolean up = other.getValue().getAsBoolean();
            down |= !up;
            health = health.with("region_" + other.getKey(), up ? "up" : "down");
        }
        if (differs.isPresent()) {
            health = health.with("problem", differs.get());
        }
        return down || differs.isPresent() ? health.status(Status.DEGRADED) : health;
    }
}

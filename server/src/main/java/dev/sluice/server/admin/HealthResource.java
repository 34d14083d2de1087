package dev.sluice.server.admin;

import dev.sluice.server.health.Health;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the server is. Probes need no token and are told nothing but a word. */
public final class HealthResource implements Resource {
    private static final Shape WORD = Shape.Fields.of(
            Shape.Field.required("status", Shape.Text.any(), "live, ready, or the phase that it is in."));

    private final Health health;

    public HealthResource(Health health) {
        this.health = health;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/health", "health", "How every part is.")
                        .answers(200, "Every part, also when some are degraded.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(200, health.report())),
                Operation.get("/health/live", "isLive", "Whether the process answers.")
                        .openToAll()
                        .answers(200, "It does.", WORD)
                        .by(request -> AdminResponse.json(200, Map.of("status", "live"))),
                Operation.get("/health/ready", "isReady", "Whether calls are welcome.")
                        .openToAll()
                        .answers(200, "They are, also when some parts are degraded.", WORD)
                        .answers(503, "They are not: it starts or stops.", WORD)
                        .by(request -> ready()));
    }

    private AdminResponse ready() {
        return health.isReady()
                ? AdminResponse.json(200, Map.of("status", "ready"))
                : AdminResponse.json(503, Map.of("status", health.phase().name().toLowerCase(Locale.ROOT)))
                        .with("Retry-After", "1");
    }
}

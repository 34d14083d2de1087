package dev.sluice.server.health;

/** Something the program is made of. Thread-safe. */
@FunctionalInterface
public interface Part {
    /** How it is now; answers within a second, never throws. */
    PartHealth health();

    /** A part that comes with a later version or that nothing was set up for. */
    static Part off(String name, String why) {
        var health = PartHealth.off(name, why);
        return () -> health;
    }
}

package dev.sluice.redis;

/** How much of what one Redis acknowledged outlives its crash. A failover may lose more: what its replicas had not got. */
public enum Durability {
    /** The append-only file is forced to disk before each answer. */
    EVERY_WRITE("nothing"),
    /** It is forced once a second. */
    EVERY_SECOND("what was acknowledged within the last 2 s"),
    /** It is forced when the operating system likes. */
    WHEN_CONVENIENT("what was acknowledged within the last half minute or more"),
    /** There is an append-only file, and CONFIG is forbidden, so that nobody can say how often it is forced. */
    NOT_KNOWN("an unknown part of what was acknowledged: CONFIG is forbidden"),
    /** There are snapshots alone. */
    SNAPSHOTS("what was acknowledged since the last snapshot"),
    /** Nothing is written to disk, as far as can be known. */
    NOTHING("everything");

    private final String loss;

    Durability(String loss) {
        this.loss = loss;
    }

    /** What may be lost in a crash or a power failure. */
    public String mayLose() {
        return loss;
    }

    /** Whether all but the last moments survives: snapshots do not count, they may be an hour apart. */
    public boolean survivesRestart() {
        return switch (this) {
            case EVERY_WRITE, EVERY_SECOND, WHEN_CONVENIENT, NOT_KNOWN -> true;
            case SNAPSHOTS, NOTHING -> false;
        };
    }
}

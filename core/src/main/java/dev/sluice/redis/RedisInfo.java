package dev.sluice.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * What a Redis server says of itself.
 *
 * @param mode {@code standalone}, {@code sentinel} (reached through sentinels) or {@code cluster}
 * @param runId changes whenever the server starts anew
 * @param maxmemoryPolicy {@code noeviction} is the only one under which nothing is dropped silently
 * @param appendOnly whether writes go to the append-only file
 * @param appendFsync {@code always}, {@code everysec} or {@code no}; {@code unknown} where CONFIG is forbidden
 * @param snapshots when snapshots are taken, as the server words it; empty for never, {@code unknown} where CONFIG is forbidden
 */
public record RedisInfo(
        String version,
        String mode,
        String runId,
        String maxmemoryPolicy,
        boolean appendOnly,
        String appendFsync,
        String snapshots) {

    /** The oldest Redis whose commands the scripts use. */
    public static final String MINIMUM_VERSION = "6.2";

    static final String UNKNOWN = "unknown";
    private static final String SAFE_POLICY = "noeviction";

    /** Reads INFO's text; what a server does not tell is {@code unknown}. */
    static RedisInfo parse(String info, String mode, String appendFsync, String snapshots) {
        Map<String, String> fields = new HashMap<>();
        for (String line : info.split("\r?\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
        return new RedisInfo(
                fields.getOrDefault("redis_version", UNKNOWN),
                mode,
                fields.getOrDefault("run_id", UNKNOWN),
                fields.getOrDefault("maxmemory_policy", UNKNOWN),
                "1".equals(fields.get("aof_enabled")),
                appendFsync,
                snapshots);
    }

    /** What it all means for what was acknowledged. */
    public Durability durability() {
        if (!appendOnly) {
            boolean never = snapshots.isEmpty() || snapshots.equals(UNKNOWN);
            return never ? Durability.NOTHING : Durability.SNAPSHOTS;
        }
        return switch (appendFsync) {
            case "always" -> Durability.EVERY_WRITE;
            case "everysec" -> Durability.EVERY_SECOND;
            case "no" -> Durability.WHEN_CONVENIENT;
            default -> Durability.NOT_KNOWN;
        };
    }

    /** Whether it may drop keys to make room; also true where nobody can say. */
    public boolean evicts() {
        return !maxmemoryPolicy.equals(SAFE_POLICY);
    }

    /** Whether the version is at least {@link #MINIMUM_VERSION}; a version that cannot be read passes. */
    boolean isRecentEnough() {
        String[] parts = version.split("\\.", -1);
        try {
            int major = Integer.parseInt(parts[0]);
            return major > 6 || (major == 6 && Integer.parseInt(parts[1]) >= 2);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return true;
        }
    }
}

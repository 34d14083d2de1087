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
 */
public record RedisInfo(
        String version, String mode, String runId, String maxmemoryPolicy, boolean appendOnly, String appendFsync) {

    /** The oldest Redis whose commands the scripts use. */
    public static final String MINIMUM_VERSION = "6.2";

    /** Reads INFO's text; what a server does not tell is {@code unknown}. */
    static RedisInfo parse(String info, String mode, String appendFsync) {
        Map<String, String> fields = new HashMap<>();
        for (String line : info.split("\r?\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
        return new RedisInfo(
                fields.getOrDefault("redis_version", "unknown"),
                mode,
                fields.getOrDefault("run_id", "unknown"),
                fields.getOrDefault("maxmemory_policy", "unknown"),
                "1".equals(fields.get("aof_enabled")),
                appendFsync);
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

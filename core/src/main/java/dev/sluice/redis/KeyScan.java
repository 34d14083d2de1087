package dev.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.ScriptRunner.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks through all of Redis for keys that nobody has an index of, in steps that hold nobody up: for what is asked for seldom, such as to
 * forget a user. Whoever is there from the beginning to the end is found; what comes or goes meanwhile may be. Thread-safe; blocks its
 * (virtual) thread. Throws {@link RedisUnavailableException} when Redis does not answer.
 */
public final class KeyScan {
    /** Some 200 microseconds of Redis. */
    private static final int KEYS_LOOKED_AT = 500;

    /** A step that comes late is no reason to begin anew. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String START = "0";
    private static final Script SCAN = Script.of("redis/scan-keys", new Script.Part(KeyScan.class, "scan-keys.lua"));
    private static final Script REMOVE =
            Script.of("redis/remove-keys", new Script.Part(KeyScan.class, "remove-keys.lua"));

    private final ScriptRunner redis;
    private final KeySpace keys;

    public KeyScan(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Finds the keys of a family.
     *
     * @param tag what their hash tag is, or a pattern with {@code *} for it
     * @param rest a pattern of Redis for what comes after the tag
     * @param page is given some at a time; a key may come twice
     */
    public void each(String family, String tag, String rest, Consumer<List<String>> page) {
        String pattern = KeySpace.literal(keys.prefix())
                + keys.key(family, tag, rest).substring(keys.prefix().length());
        if (tag.indexOf('*') < 0) {
            on(keys.key(family, tag, "~"), pattern, page);
            return;
        }
        for (Shard shard : redis.shards()) {
            on(keys.key("watch", shard.tag(), "~"), pattern, page);
        }
    }

    /** Removes keys that share a hash tag; returns how many there were. */
    public long remove(List<String> names) {
        return names.isEmpty()
                ? 0
                : redis.run(REMOVE, names, List.of(), PATIENCE).number(0);
    }

    /**
     * Removes what {@link #each} finds.
     *
     * @return how many there were
     */
    public long removeAll(String family, String tag, String rest) {
        long[] removed = {0};
        each(family, tag, rest, page -> page.forEach(key -> removed[0] += remove(List.of(key))));
        return removed[0];
    }

    private void on(String place, String pattern, Consumer<List<String>> page) {
        String cursor = START;
        do {
            ScriptReply reply = redis.run(
                    SCAN,
                    List.of(place),
                    List.of(
                            cursor.getBytes(US_ASCII),
                            pattern.getBytes(UTF_8),
                            Integer.toString(KEYS_LOOKED_AT).getBytes(US_ASCII)),
                    PATIENCE);
            cursor = reply.text(0);
            var found = new ArrayList<String>(reply.size() - 1);
            for (int i = 1; i < reply.size(); i++) {
                found.add(reply.text(i));
            }
            if (!found.isEmpty()) {
                page.accept(found);
            }
        } while (!cursor.equals(START));
    }
}

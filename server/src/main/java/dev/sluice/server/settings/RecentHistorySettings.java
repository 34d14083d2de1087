package dev.sluice.server.settings;

import dev.sluice.cache.CacheMode;
import dev.sluice.history.HistoryBounds;
import dev.sluice.history.HistoryMode;
import dev.sluice.history.HistorySettings;
import java.time.Duration;
import java.util.List;

/**
 * How it is kept what was said last in each chat.
 *
 * @param mode where
 * @param rules how much, and for how long
 */
public record RecentHistorySettings(HistoryMode mode, HistorySettings rules) {
    private static final HistorySettings USUAL = HistorySettings.DEFAULT;

    static final Setting<CacheMode> MODE = Setting.of(
            "SLUICE_HISTORY",
            Forms.choice(CacheMode.class),
            "redis",
            "Where it is kept what was said last in each chat (docs/history.md): in Redis, in each process' own memory, or nowhere.");
    static final Setting<Duration> KEEP = Setting.of(
            "REDIS_TTL_RECENT_HISTORY",
            Forms.duration(HistorySettings.SHORTEST_KEEP, HistorySettings.LONGEST_KEEP),
            Long.toString(USUAL.keep().toSeconds()),
            "For how long after something was appended.");
    static final Setting<Integer> ENTRIES = Setting.of(
            "SLUICE_HISTORY_ENTRIES",
            Forms.integer(1, HistoryBounds.MOST_ENTRIES),
            Integer.toString(USUAL.bounds().entries()),
            "How many entries of a chat, of which the oldest go first.");
    static final Setting<Integer> TOKENS = Setting.of(
            "SLUICE_HISTORY_TOKENS",
            Forms.integer(1, HistoryBounds.MOST_TOKENS),
            Integer.toString(USUAL.bounds().tokens()),
            "How many tokens they have together at most; the newest entry stays in any case.");
    static final Setting<Duration> AGE = Setting.of(
            "SLUICE_HISTORY_AGE",
            Forms.duration(HistoryBounds.SHORTEST_AGE, HistoryBounds.LONGEST_AGE),
            "1d",
            "How long ago an entry was said at most.");
    static final Setting<Long> MEMORY = Setting.of(
            "SLUICE_HISTORY_MEMORY",
            Forms.bytes(HistorySettings.LEAST_MEMORY, HistorySettings.MOST_MEMORY),
            "64MB",
            "How much of each process' own memory histories take: with `local`, of users whose texts may be nowhere else, and what waits while"
                    + " Redis is down.");

    static final List<Setting<?>> ALL = List.of(MODE, KEEP, ENTRIES, TOKENS, AGE, MEMORY);

    static RecentHistorySettings read(Reading reading) {
        return new RecentHistorySettings(
                switch (reading.get(MODE)) {
                    case REDIS -> HistoryMode.REDIS;
                    case LOCAL -> HistoryMode.LOCAL;
                    case OFF -> HistoryMode.OFF;
                },
                USUAL.withKeep(reading.get(KEEP))
                        .withMemory(reading.get(MEMORY))
                        .withBounds(new HistoryBounds(reading.get(ENTRIES), reading.get(AGE), reading.get(TOKENS))));
    }
}

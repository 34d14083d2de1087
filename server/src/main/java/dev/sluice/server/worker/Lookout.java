package dev.sluice.server.worker;

import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * When a bot's queue is asked although nobody said that it has anything: ever less often while there is nothing, since news may
 * be lost, but seldom are. Holds one entry for each bot that has a queue. Thread-safe.
 */
final class Lookout {
    /** While other processes are heard: how long a message may wait whose news was lost. */
    static final Duration LONGEST_TOLD = Duration.ofSeconds(15);

    /** While they are not: how long a message of a bot may wait that had none for a while. */
    static final Duration LONGEST_UNTOLD = Duration.ofSeconds(5);

    private final Map<BotId, Asked> asked = new HashMap<>();
    private final RandomGenerator random;

    /** @param pauseNanos how long it is not asked again */
    private record Asked(long atNanos, long pauseNanos) {}

    /** @param random spreads bots that were first asked at the same time */
    Lookout(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Who is to be asked now; each is taken to have nothing until {@link #stirred}.
     *
     * @param all who has a queue; whoever is not among them any more is forgotten
     * @param told whether other processes are heard
     * @param first how long a bot is not asked again that has just had something
     */
    synchronized List<BotId> due(Set<BotId> all, boolean told, Duration first, long nowNanos) {
        asked.keySet().retainAll(all);
        long longest = (told ? LONGEST_TOLD : LONGEST_UNTOLD).toNanos();
        var due = new ArrayList<BotId>();
        for (BotId bot : all) {
            Asked before = asked.get(bot);
            if (before == null) {
                asked.put(bot, new Asked(nowNanos, first.toNanos()));
                due.add(bot);
            } else if (nowNanos - before.atNanos >= Math.min(before.pauseNanos, longest)) {
                long twice = Math.min(2 * Math.max(before.pauseNanos, first.toNanos()), LONGEST_TOLD.toNanos());
                asked.put(bot, new Asked(nowNanos, spread(twice)));
                due.add(bot);
            }
        }
        return due;
    }

    /** Says that a bot has, or may have, something: it is asked often again. */
    synchronized void stirred(BotId bot, long nowNanos) {
        asked.computeIfPresent(bot, (same, before) -> new Asked(nowNanos, 0));
    }

    /** All are to be asked: it was not heard what they were given. */
    synchronized void everybody() {
        asked.clear();
    }

    /** Up to a half less. */
    private long spread(long nanos) {
        return nanos - random.nextLong(nanos / 2 + 1);
    }
}

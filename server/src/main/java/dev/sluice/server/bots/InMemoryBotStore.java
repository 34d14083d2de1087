package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.util.Optional;
import java.util.TreeMap;

/** Records that end with this process. */
final class InMemoryBotStore implements BotStore {
    private volatile Snapshot snapshot = Snapshot.EMPTY;

    @Override
    public Optional<Snapshot> known() {
        return Optional.of(snapshot);
    }

    @Override
    public Snapshot read() {
        return snapshot;
    }

    @Override
    public synchronized Written put(BotRecord record, long seen) {
        return change(record.bot(), seen, Optional.of(record));
    }

    @Override
    public synchronized Written remove(BotId bot, long seen) {
        return change(bot, seen, Optional.empty());
    }

    private Written change(BotId bot, long seen, Optional<BotRecord> record) {
        long revision = snapshot.find(bot).map(Kept::revision).orElse(ABSENT);
        if (revision != seen) {
            return Written.CHANGED;
        }
        if (revision == ABSENT && snapshot.bots().size() >= MOST_BOTS) {
            return Written.FULL;
        }
        long next = snapshot.revision() + 1;
        var bots = new TreeMap<>(snapshot.bots());
        var limits = new TreeMap<>(snapshot.limits());
        record.ifPresentOrElse(kept -> bots.put(bot.value(), new Kept(next, kept)), () -> {
            bots.remove(bot.value());
            limits.remove(bot.value());
        });
        snapshot = new Snapshot(next, bots, limits);
        return Written.DONE;
    }

    @Override
    public synchronized Written putLimits(BotId bot, SetLimits set, long seen) {
        long revision = snapshot.findLimits(bot).map(KeptLimits::revision).orElse(ABSENT);
        if (revision != seen) {
            return Written.CHANGED;
        }
        var limits = new TreeMap<>(snapshot.limits());
        if (set.isEmpty()) {
            limits.remove(bot.value());
        } else if (revision == ABSENT && limits.size() >= MOST_BOTS) {
            return Written.FULL;
        } else {
            limits.put(bot.value(), new KeptLimits(snapshot.revision() + 1, set));
        }
        snapshot = new Snapshot(snapshot.revision() + 1, snapshot.bots(), limits);
        return Written.DONE;
    }
}

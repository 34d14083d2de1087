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
        record.ifPresentOrElse(kept -> bots.put(bot.value(), new Kept(next, kept)), () -> bots.remove(bot.value()));
        snapshot = new Snapshot(next, bots);
        return Written.DONE;
    }
}

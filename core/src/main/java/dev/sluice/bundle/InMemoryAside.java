package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Aside;
import dev.sluice.bundle.BundleStore.Held;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Bundles that are set aside in one process. Not thread-safe. Times are microseconds since 1970. */
final class InMemoryAside {
    /** Of a bot: somebody whose bundles all kill must not fill the memory. As in {@code bundles.lua}. */
    static final int MOST = 1_000;

    /** Of all bots. */
    static final long MOST_BYTES = 8L << 20;

    /** @param bytes what its messages count for */
    record Entry(AsideBundle bundle, List<Held> messages, long bytes) {
        long weight() {
            return bytes + (long) InMemoryBundleStore.MESSAGE_BYTES * messages.size();
        }
    }

    private final long keptMicros;
    private final Map<BotId, NavigableMap<Long, Entry>> byTime = new HashMap<>();
    private long bytes;

    /** When the time of one is over, or a time before that. */
    private long nextEnd = Long.MAX_VALUE;

    InMemoryAside(long keptMicros) {
        this.keptMicros = keptMicros;
    }

    /** Takes what was made for the time that it is given; none has the same. */
    Aside add(BotId bot, long now, HeldConversation.SetAside made) {
        forgetOver(now);
        NavigableMap<Long, Entry> all = byTime.computeIfAbsent(bot, any -> new TreeMap<>());
        long at = all.isEmpty() ? now : Math.max(now, all.lastKey() + 1);
        Entry entry = made.at(at);
        all.put(at, entry);
        nextEnd = Math.min(nextEnd, at + keptMicros);
        bytes += entry.weight();
        int gone = 0;
        while (all.size() > MOST || bytes > MOST_BYTES && size() > 1) {
            BotId oldest = all.size() > MOST ? bot : oldest();
            remove(oldest, entries(oldest).firstKey());
            gone++;
        }
        return new Aside(List.of(entry.bundle()), gone);
    }

    List<AsideBundle> list(BotId bot, long now, long after, int most) {
        forgetOver(now);
        return entries(bot).tailMap(after, false).values().stream()
                .limit(most)
                .map(Entry::bundle)
                .toList();
    }

    int count(BotId bot, long now) {
        forgetOver(now);
        return entries(bot).size();
    }

    Optional<Entry> find(BundleId id, long now) {
        forgetOver(now);
        return entries(id.conversation().bot()).values().stream()
                .filter(entry -> entry.bundle().id().equals(id))
                .findFirst();
    }

    void remove(Entry entry) {
        AsideBundle bundle = entry.bundle();
        remove(bundle.id().conversation().bot(), ChronoUnit.MICROS.between(Instant.EPOCH, bundle.at()));
    }

    /** @return whether there was anything of theirs */
    boolean forget(Conversation conversation) {
        List<Entry> theirs = entries(conversation.bot()).values().stream()
                .filter(entry -> entry.bundle().id().conversation().equals(conversation))
                .toList();
        theirs.forEach(this::remove);
        return !theirs.isEmpty();
    }

    /** @return how many there were */
    int clear() {
        int cleared = size();
        byTime.clear();
        bytes = 0;
        return cleared;
    }

    Set<Conversation> conversations() {
        return byTime.values().stream()
                .flatMap(all -> all.values().stream())
                .map(entry -> entry.bundle().id().conversation())
                .collect(Collectors.toUnmodifiableSet());
    }

    int size() {
        return byTime.values().stream().mapToInt(Map::size).sum();
    }

    private BotId oldest() {
        return byTime.entrySet().stream()
                .min(Map.Entry.comparingByValue((one, other) -> Long.compare(one.firstKey(), other.firstKey())))
                .orElseThrow()
                .getKey();
    }

    private NavigableMap<Long, Entry> entries(BotId bot) {
        return byTime.getOrDefault(bot, new TreeMap<>());
    }

    private void remove(BotId bot, long at) {
        NavigableMap<Long, Entry> all = entries(bot);
        Entry removed = all.remove(at);
        if (removed != null) {
            bytes -= removed.weight();
        }
        if (all.isEmpty()) {
            byTime.remove(bot);
        }
    }

    /** Forgets those whose time is over; of all bots, since text must not stay for want of somebody who asks. */
    void forgetOver(long now) {
        if (now < nextEnd) {
            return;
        }
        nextEnd = Long.MAX_VALUE;
        for (BotId bot : new ArrayList<>(byTime.keySet())) {
            NavigableMap<Long, Entry> all = entries(bot);
            while (!all.isEmpty() && all.firstKey() + keptMicros <= now) {
                remove(bot, all.firstKey());
            }
            if (!all.isEmpty()) {
                nextEnd = Math.min(nextEnd, all.firstKey() + keptMicros);
            }
        }
    }
}

package dev.sluice.history;

import static java.util.stream.Collectors.toSet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Histories of one process. Bounded: beyond that the chats go first that nothing was appended to for longest, since a talk whose beginning is
 * forgotten goes on, and one that is refused does not. The steps are those of {@code history.lua} and the scripts beside it.
 */
final class InMemoryHistoryLists implements HistoryLists {
    /** What an entry takes besides its content, and a chat besides its entries: about. */
    private static final int ENTRY_BYTES = 160;

    private static final int CHAT_BYTES = 256;

    private final LongSupplier microClock;
    private final HistoryBounds bounds;
    private final long keepMicros;
    private final long ageMicros;
    private final long most;
    private final ReentrantLock turn = new ReentrantLock();

    /** From what was written longest ago on, which ends first. */
    private final LinkedHashMap<HistoryKey, Chat> chats = new LinkedHashMap<>();

    private long bytes;

    private record Entry(String id, Kept kept) {}

    /** One chat. Changed only while it is this thread's turn. */
    private static final class Chat {
        long version;
        long ends;
        long loaded;
        Optional<String> fence = Optional.empty();
        long leased;
        List<Entry> entries = List.of();

        long bytes() {
            return CHAT_BYTES
                    + entries.stream()
                            .mapToLong(entry -> ENTRY_BYTES + entry.kept.content().length)
                            .sum();
        }
    }

    /** @param most bytes */
    InMemoryHistoryLists(HistorySettings settings, long most, LongSupplier microClock) {
        this.microClock = microClock;
        this.bounds = settings.bounds();
        this.keepMicros = TimeUnit.MICROSECONDS.convert(settings.keep());
        this.ageMicros = TimeUnit.MICROSECONDS.convert(bounds.age());
        this.most = most;
    }

    @Override
    public Look read(HistoryKey key, Selection selection) {
        return step(key, (chat, now) -> look(chat, now, selection, chat.loaded > now ? State.LOADED : State.PARTLY));
    }

    @Override
    public Look lease(HistoryKey key, Selection selection, String fence, Duration length) {
        return step(key, (chat, now) -> {
            if (chat.loaded > now) {
                return look(chat, now, selection, State.LOADED);
            }
            if (chat.fence.isPresent() && chat.leased > now) {
                return look(chat, now, selection, State.WAIT);
            }
            chat.fence = Optional.of(fence);
            chat.leased = now + TimeUnit.MICROSECONDS.convert(length);
            return look(chat, now, selection, State.LOAD);
        });
    }

    private Look look(Chat chat, long now, Selection selection, State state) {
        List<Entry> shown = newest(trimmed(chat.entries, now), now, selection.entries(), selection.tokens(), false);
        return new Look(state, chat.version, shown.stream().map(Entry::kept).toList());
    }

    @Override
    public Written append(HistoryKey key, List<Line> lines) {
        return append(key, 0, lines);
    }

    /** As {@link #append}, with numbers from this one on, if they are greater than those that are there. */
    Written append(HistoryKey key, long number, List<Line> lines) {
        return step(key, (chat, now) -> {
            long next = Math.max(chat.version + 1, number == 0 ? now : number);
            if (lines.isEmpty()) {
                chat.version = chat.ends > now ? next : chat.version;
                return new Written(next, 0);
            }
            Set<String> known = chat.entries.stream().map(Entry::id).collect(toSet());
            var all = new ArrayList<>(chat.entries);
            int added = 0;
            for (Line line : lines) {
                if (known.add(line.id())) {
                    all.add(entry(line, next + added, now));
                    added++;
                }
            }
            if (added > 0) {
                chat.version = next + added - 1;
                chat.ends = now + keepMicros;
                chat.entries = trimmed(all, now);
            }
            return new Written(chat.version, added);
        });
    }

    @Override
    public boolean fill(HistoryKey key, String fence, List<Line> lines) {
        return step(key, (chat, now) -> {
            if (!chat.fence.equals(Optional.of(fence))) {
                return false;
            }
            chat.version = Math.max(chat.version + 1, now);
            chat.entries = trimmed(merged(chat, lines, now), now);
            chat.ends = now + keepMicros;
            chat.loaded = chat.ends;
            chat.fence = Optional.empty();
            return true;
        });
    }

    private static List<Entry> merged(Chat chat, List<Line> lines, long now) {
        List<Entry> there = chat.entries;
        Map<String, Integer> place = new HashMap<>();
        for (int i = 0; i < there.size(); i++) {
            place.put(there.get(i).id, i);
        }
        long number = there.isEmpty() ? chat.version : there.getFirst().kept.number() - 1;
        var all = new ArrayList<Entry>();
        Set<String> known = new HashSet<>();
        int next = 0;
        for (Line line : lines) {
            Integer at = place.get(line.id());
            if (at == null && known.add(line.id())) {
                all.add(entry(line, number, now));
            }
            for (; at != null && next <= at; next++) {
                all.add(there.get(next));
                number = there.get(next).kept.number();
            }
        }
        all.addAll(there.subList(next, there.size()));
        return all;
    }

    @Override
    public void release(HistoryKey key, String fence) {
        step(key, (chat, now) -> {
            chat.fence = chat.fence.filter(other -> !other.equals(fence));
            return chat;
        });
    }

    @Override
    public int clear(HistoryKey key, boolean known) {
        return step(key, (chat, now) -> {
            int there = chat.entries.size();
            long version = Math.max(chat.version + 1, now);
            empty(chat);
            if (known) {
                chat.version = version;
                chat.ends = now + keepMicros;
                chat.loaded = chat.ends;
            }
            return there;
        });
    }

    @Override
    public long forget(long user) {
        return forget(Set.of(user));
    }

    /** Of several users, in one pass. */
    long forget(Set<Long> users) {
        turn.lock();
        try {
            long forgotten = 0;
            for (HistoryKey key : List.copyOf(chats.keySet())) {
                forgotten += step(key, (chat, now) -> {
                    int there = chat.entries.size();
                    chat.fence = Optional.empty();
                    if (users.contains(key.chat())) {
                        empty(chat);
                        return there;
                    }
                    chat.entries = chat.entries.stream()
                            .filter(entry -> !users.contains(entry.kept.user()))
                            .toList();
                    return there - chat.entries.size();
                });
            }
            return forgotten;
        } finally {
            turn.unlock();
        }
    }

    /** All of all chats. */
    void clear() {
        turn.lock();
        try {
            chats.clear();
            bytes = 0;
        } finally {
            turn.unlock();
        }
    }

    /** Whether anything is there at all: asked before each look at Redis. */
    boolean isEmpty() {
        turn.lock();
        try {
            return chats.isEmpty();
        } finally {
            turn.unlock();
        }
    }

    private interface Work<A> {
        A on(Chat chat, long now);
    }

    private <A> A step(HistoryKey key, Work<A> work) {
        turn.lock();
        try {
            long now = microClock.getAsLong();
            removeIf(chat -> chat.ends <= now && chat.leased <= now);
            Chat chat = chats.getOrDefault(key, new Chat());
            long before = chats.containsKey(key) ? chat.bytes() : 0;
            if (chat.ends <= now) {
                // Its time is over, but somebody loads it.
                chat.entries = List.of();
                chat.version = 0;
            }
            long ends = chat.ends;
            A answer = work.on(chat, now);
            bytes -= before;
            if (ends != chat.ends) {
                chats.remove(key);
            }
            if (chat.ends > now || chat.fence.isPresent()) {
                chats.put(key, chat);
                bytes += chat.bytes();
            } else {
                chats.remove(key);
            }
            removeIf(other -> other != chat && bytes > most);
            return answer;
        } finally {
            turn.unlock();
        }
    }

    /** From the first on, as long as they do. */
    private void removeIf(Predicate<Chat> goes) {
        Iterator<Chat> eldest = chats.values().iterator();
        while (eldest.hasNext()) {
            Chat chat = eldest.next();
            if (!goes.test(chat)) {
                return;
            }
            bytes -= chat.bytes();
            eldest.remove();
        }
    }

    private static void empty(Chat chat) {
        chat.version = 0;
        chat.ends = 0;
        chat.loaded = 0;
        chat.fence = Optional.empty();
        chat.leased = 0;
        chat.entries = List.of();
    }

    private static Entry entry(Line line, long number, long now) {
        return new Entry(
                line.id(),
                new Kept(
                        number,
                        line.micros() == NOW ? now : Math.min(now, line.micros()),
                        line.tokens(),
                        line.user(),
                        line.content()));
    }

    private List<Entry> trimmed(List<Entry> all, long now) {
        return newest(all, now, bounds.entries(), bounds.tokens(), true);
    }

    private List<Entry> newest(List<Entry> all, long now, int count, long tokens, boolean one) {
        List<Entry> young = all.stream()
                .filter(entry -> entry.kept.micros() > now - ageMicros)
                .toList();
        int first = young.size();
        long sum = 0;
        while (first > 0 && young.size() - first < count) {
            sum += young.get(first - 1).kept.tokens();
            if (sum > tokens && !(one && first == young.size())) {
                break;
            }
            first--;
        }
        return young.subList(first, young.size());
    }
}

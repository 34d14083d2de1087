package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Held;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What one person said in this process and nobody has handled yet. Not thread-safe. Times are microseconds since 1970. */
final class HeldConversation {
    private static final class Collected {
        private final List<Held> messages = new ArrayList<>();
        private long bytes;
        private long first;
        private long closes;
    }

    private final Conversation conversation;
    private final Map<Long, Long> arrivals = new LinkedHashMap<>();
    private final Deque<Collected> closed = new ArrayDeque<>();
    private Collected open = new Collected();
    private long lastNumber;
    private long fence;
    private long settled;
    private long ready;
    private long lease;
    private int failures;
    private long bytes;

    HeldConversation(Conversation conversation) {
        this.conversation = conversation;
    }

    Conversation conversation() {
        return conversation;
    }

    /** When a message of this id came. */
    OptionalLong arrival(long id) {
        Long before = arrivals.get(id);
        return before == null ? OptionalLong.empty() : OptionalLong.of(before);
    }

    /** How many messages nobody has handled. */
    int count() {
        return open.messages.size()
                + closed.stream().mapToInt(bundle -> bundle.messages.size()).sum();
    }

    /** How many ids of messages are known. */
    int ids() {
        return arrivals.size();
    }

    /** Of all messages. */
    long bytes() {
        return bytes;
    }

    void add(BundleStore.Incoming message, long now, BundleSettings settings) {
        closeIfDue(now);
        lastNumber = Math.max(lastNumber + 1, now);
        arrivals.put(message.id(), now);
        if (arrivals.size() > BundleSettings.IDS) {
            arrivals.remove(arrivals.keySet().iterator().next());
        }
        bytes += message.size();
        var held = new Held(lastNumber, now, message.id(), message.content());
        if (message.passes()) {
            close(now);
            put(held, message.size());
            close(now);
            return;
        }
        if (open.bytes + message.size() > settings.mostBytes()) {
            close(now);
        }
        // The clock may have been set back since.
        open.first = open.messages.isEmpty() ? now : Math.min(open.first, now);
        put(held, message.size());
        open.closes = Math.min(now + micros(message.quiet()), open.first + micros(settings.longest()));
        if (open.messages.size() >= settings.mostMessages() || open.bytes >= settings.mostBytes()) {
            close(now);
        }
    }

    private void put(Held held, int size) {
        open.messages.add(held);
        open.bytes += size;
    }

    /** From now on what it collected takes no more. */
    void close(long now) {
        if (!open.messages.isEmpty()) {
            if (closed.isEmpty()) {
                ready = now;
            }
            closed.add(open);
            open = new Collected();
        }
    }

    private void closeIfDue(long now) {
        if (!open.messages.isEmpty() && open.closes <= now) {
            close(open.closes);
        }
    }

    /** When somebody must look; empty if all is handled. */
    OptionalLong look() {
        if (lease > 0) {
            return OptionalLong.of(lease);
        }
        if (!closed.isEmpty()) {
            return OptionalLong.of(ready);
        }
        return open.messages.isEmpty() ? OptionalLong.empty() : OptionalLong.of(open.closes);
    }

    /** Hands the first bundle over, which must be due. */
    Leased claim(long now, long leaseMicros) {
        closeIfDue(now);
        fence = Math.max(fence + 1, now);
        lease = now + leaseMicros;
        return new Leased(conversation, fence, failures, List.copyOf(closed.element().messages));
    }

    boolean renew(long givenFence, long now, long leaseMicros) {
        boolean leased = isLeased(givenFence);
        if (leased) {
            lease = now + leaseMicros;
        }
        return leased;
    }

    boolean settle(long givenFence, long now) {
        if (settled == givenFence) {
            return true;
        }
        boolean leased = isLeased(givenFence);
        if (leased) {
            dropFirst(now);
        }
        return leased;
    }

    /** @param mostFailures after how many it is given up, 0 if this is none */
    Return putBack(long givenFence, long now, long afterMicros, int mostFailures) {
        if (!isLeased(givenFence)) {
            return Return.LOST;
        }
        if (mostFailures > 0) {
            failures++;
            if (failures >= mostFailures) {
                dropFirst(now);
                return Return.GIVEN_UP;
            }
        }
        lease = 0;
        ready = now + afterMicros;
        return Return.BACK;
    }

    private boolean isLeased(long givenFence) {
        return lease > 0 && fence == givenFence;
    }

    private void dropFirst(long now) {
        bytes -= closed.remove().bytes;
        settled = fence;
        lease = 0;
        failures = 0;
        ready = now;
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}

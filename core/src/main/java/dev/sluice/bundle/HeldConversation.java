package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Held;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import java.time.Duration;
import java.util.ArrayList;
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

        private long number() {
            return messages.getFirst().number();
        }
    }

    private final Conversation conversation;
    private final Map<Long, Long> arrivals = new LinkedHashMap<>();
    private final List<Collected> closed = new ArrayList<>();
    private Collected open = new Collected();
    private long lastNumber;
    private long fence;
    private long settled;
    private long ready;
    private long lease;
    private int failures;
    private int lost;
    private long bytes;
    private long asideUntil;

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
        remember(message.id(), now);
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
            return leasedUntil();
        }
        if (!closed.isEmpty()) {
            return OptionalLong.of(ready);
        }
        return open.messages.isEmpty() ? OptionalLong.empty() : OptionalLong.of(open.closes);
    }

    /** Lets a lease end that has run out, which counts. */
    void endLease() {
        if (lease > 0) {
            lease = 0;
            lost++;
        }
    }

    /** How many leases of the first bundle ran out. */
    int lost() {
        return lost;
    }

    /** Until when somebody has its first bundle, or had; empty if nobody. */
    OptionalLong leasedUntil() {
        return lease > 0 ? OptionalLong.of(lease) : OptionalLong.empty();
    }

    /** Lets its first bundle wait. */
    void postpone(long until) {
        ready = until;
    }

    /** A bundle that was taken out of here, which is told when it has a time. */
    @FunctionalInterface
    interface SetAside {
        InMemoryAside.Entry at(long micros);
    }

    /** Until when something is kept that was taken out of here, and its repeats are to be known; 0 if nothing was. */
    long asideUntil() {
        return asideUntil;
    }

    /** Takes the first bundle out, which is kept until then. */
    SetAside setAside(long now, AsideBundle.Reason reason, long until) {
        asideUntil = until;
        closeIfDue(now);
        Collected first = closed.getFirst();
        var id = new BundleId(conversation, first.number());
        int lostBefore = lost;
        int failuresBefore = failures;
        removeFirst(now);
        return micros -> new InMemoryAside.Entry(
                new AsideBundle(
                        id, BundleSeals.instant(micros), reason, lostBefore, failuresBefore, first.messages.size()),
                List.copyOf(first.messages),
                first.bytes);
    }

    boolean hasRoom(long more) {
        return count() < BundleSettings.ROOM && (bytes == 0 || bytes + more <= BundleSettings.ROOM_BYTES);
    }

    /** Puts a bundle back that was set aside: before all that waits and was said after it, but not before what is out or has failed. */
    void requeue(InMemoryAside.Entry entry, long now) {
        closeIfDue(now);
        var bundle = new Collected();
        bundle.messages.addAll(entry.messages());
        bundle.bytes = entry.bytes();
        boolean isOut = lease > 0 || failures > 0 || lost > 0;
        int place = closed.isEmpty() || !isOut ? 0 : 1;
        while (place < closed.size() && closed.get(place).number() < bundle.number()) {
            place++;
        }
        closed.add(place, bundle);
        if (place == 0) {
            ready = now;
        }
        bytes += entry.bytes();
        entry.messages().forEach(message -> remember(message.id(), message.arrival()));
    }

    private void remember(long id, long arrival) {
        arrivals.put(id, arrival);
        if (arrivals.size() > BundleSettings.IDS) {
            arrivals.remove(arrivals.keySet().iterator().next());
        }
    }

    /** Hands the first bundle over, which must be due. */
    Leased claim(long now, long leaseMicros) {
        closeIfDue(now);
        fence = Math.max(fence + 1, now);
        lease = now + leaseMicros;
        return new Leased(conversation, fence, failures, List.copyOf(closed.getFirst().messages));
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

    boolean isLeased(long givenFence) {
        return lease > 0 && fence == givenFence;
    }

    private void dropFirst(long now) {
        settled = fence;
        removeFirst(now);
    }

    private void removeFirst(long now) {
        bytes -= closed.removeFirst().bytes;
        lease = 0;
        failures = 0;
        lost = 0;
        ready = now;
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}

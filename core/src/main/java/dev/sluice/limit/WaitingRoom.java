package dev.sluice.limit;

import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Where calls of one process wait for their turn. Thread-safe.
 *
 * <p>Every call belongs to a lane (a chat): lanes keep their order, and only one call of a lane is out at a time. The
 * first of each lane tries to pass; what denied it becomes a gate, closed until the time that the denial named, and all
 * lanes that need that bucket line up behind it instead of asking again. When it opens, they try one after another, in
 * order of arrival, until one is denied.
 *
 * <p>Order: by arrival; a higher priority overtakes what arrived less than {@link #OVERTAKES} later, so nothing starves.
 * Between processes the line inside the bucket itself takes care of turns.
 */
public final class WaitingRoom implements AutoCloseable {
    /** A priority is worth this much waiting time: more than most calls ever wait. */
    static final Duration OVERTAKES = Duration.ofSeconds(30);

    private final int mostWaiting;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong arrivals = new AtomicLong();
    private final ConcurrentHashMap<String, Room> rooms = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor timer;

    /** @param mostWaiting how many calls may be inside at once, over all bots */
    public WaitingRoom(int mostWaiting) {
        if (mostWaiting < 1) {
            throw new IllegalArgumentException("the waiting room must hold at least 1, not " + mostWaiting);
        }
        this.mostWaiting = mostWaiting;
        timer = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("sluice-turns").unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Takes a place in a lane; order counts from now on.
     *
     * @param lane what keeps its order, within the charges' tag
     * @param charges what the call will be charged to
     * @return empty if the room is full
     */
    public Optional<Ticket> enter(String lane, List<Charge> charges, Priority priority) {
        if (waiting.incrementAndGet() > mostWaiting) {
            waiting.decrementAndGet();
            return Optional.empty();
        }
        String tag = charges.getFirst().bucket().tag();
        long order = System.nanoTime() + behind(priority);
        var admitted = new Ticket[1];
        rooms.compute(tag, (name, existing) -> {
            Room room = existing == null ? new Room(timer) : existing;
            room.visitors++;
            admitted[0] = new Ticket(this, room, tag, lane, charges, order, arrivals.incrementAndGet());
            return room;
        });
        return Optional.of(admitted[0]);
    }

    private static long behind(Priority priority) {
        return givesWay(priority).toNanos();
    }

    /** Those who come how much later, but with the highest priority, go first. */
    public static Duration givesWay(Priority priority) {
        return OVERTAKES.multipliedBy(
                switch (priority) {
                    case HIGH -> 0;
                    case NORMAL -> 1;
                    case LOW -> 2;
                });
    }

    /**
     * Lets those try now who wait for a bucket whose limit has changed, instead of at the time that the old one named.
     *
     * @param tag of the buckets
     * @param which of them
     */
    public void reopen(String tag, Predicate<Bucket> which) {
        Room room = rooms.get(tag);
        if (room != null) {
            room.reopen(which);
        }
    }

    /** The same for all buckets: who decides is another now, as after an outage of the store. */
    public void reopenAll() {
        rooms.values().forEach(room -> room.reopen(bucket -> true));
    }

    /** How many calls are inside. */
    public int size() {
        return waiting.get();
    }

    void left(Ticket ticket) {
        waiting.decrementAndGet();
        rooms.computeIfPresent(ticket.tag(), (name, room) -> --room.visitors == 0 ? null : room);
    }

    /** Stops the timer; those inside time out by their own deadlines. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}

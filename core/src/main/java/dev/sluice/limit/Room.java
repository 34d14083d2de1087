package dev.sluice.limit;

import dev.sluice.limit.Ticket.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of the waiting room that shares one hash tag: lanes, and the gates they wait at.
 *
 * <pre>
 *   ASIDE → BEHIND → (first of its lane) → AT_GATE ⇄ TRYING → OUT → closed or ASIDE
 * </pre>
 *
 * Invariants: a lane's head, and only it, is AT_GATE, TRYING or OUT; a ticket queues at one gate at most; of those who
 * came through one gate at most one is TRYING.
 */
final class Room {
    final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the waiting room's map. */
    int visitors;

    private final ScheduledExecutorService timer;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Map<Gate.Entrance, Gate> gates = new HashMap<>();

    /** How often gates were opened since limits had changed. */
    private long reopened;

    /** All tickets that wait, in order: who is ahead of whom over all lanes. */
    private final TreeSet<Ticket> everyone = new TreeSet<>();

    Room(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    boolean wouldWait(Ticket ticket) {
        lock.lock();
        try {
            Lane lane = lanes.get(ticket.lane());
            return lane != null && lane.head != null && !lane.isHeadedBy(ticket)
                    || closedGate(ticket, System.nanoTime()) != null;
        } finally {
            lock.unlock();
        }
    }

    <T> Turn<T> await(Ticket ticket, Duration maxWait, Supplier<Ruling<T>> attempt) throws InterruptedException {
        long deadline = System.nanoTime() + maxWait.toNanos();
        lock.lockInterruptibly();
        try {
            arrive(ticket);
            while (true) {
                while (ticket.state == State.BEHIND || ticket.state == State.AT_GATE) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        var timedOut = new Turn.TimedOut<T>(holding(ticket), earliestTurn(ticket));
                        leaveLane(ticket);
                        return timedOut;
                    }
                    ticket.changed.awaitNanos(left);
                }
                if (ticket.state != State.TRYING) {
                    return new Turn.Cancelled<>();
                }
                long before = reopened;
                switch (attemptUnlocked(ticket, attempt)) {
                    case Ruling.Decided<T>(T value) -> {
                        ticket.state = State.OUT;
                        everyone.remove(ticket);
                        letNextThrough(ticket);
                        return new Turn.Came<>(value);
                    }
                    // By limits that have changed meanwhile: it tries again.
                    case Ruling.NotYet<T>(Decision.Denied denial) ->
                        denied(ticket, denial, reopened == before ? denial.retryAfter() : Duration.ZERO);
                }
            }
        } catch (InterruptedException e) {
            leaveLane(ticket);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private <T> Ruling<T> attemptUnlocked(Ticket ticket, Supplier<Ruling<T>> attempt) {
        lock.unlock();
        Ruling<T> ruling = null;
        try {
            ruling = attempt.get();
            return ruling;
        } finally {
            lock.lock();
            if (ruling == null) {
                leaveLane(ticket);
            }
        }
    }

    private void arrive(Ticket ticket) {
        switch (ticket.state) {
            case OUT -> {
                if (ticket.cancelled) {
                    withdraw(ticket);
                } else {
                    ticket.holdsLane = true;
                    everyone.add(ticket);
                    headFor(ticket);
                }
            }
            case ASIDE -> {
                Lane lane = laneOf(ticket);
                ticket.state = State.BEHIND;
                everyone.add(ticket);
                lane.behind.add(ticket);
                reorder(lane);
            }
            case CANCELLED, CLOSED -> {}
            case BEHIND, AT_GATE, TRYING -> throw new IllegalStateException("a ticket waits for one thread only");
        }
    }

    private Lane laneOf(Ticket ticket) {
        return lanes.computeIfAbsent(ticket.lane(), name -> new Lane());
    }

    /**
     * Gives the lane a head if it has none; one that waits at a gate gives way to whoever comes before it, unless it
     * was out already: a message in backoff holds its lane.
     */
    private void reorder(Lane lane) {
        Ticket head = lane.head;
        if (head == null) {
            nextHead(lane);
        } else if (head.state == State.AT_GATE
                && !head.holdsLane
                && !lane.behind.isEmpty()
                && lane.behind.first().compareTo(head) < 0) {
            leaveGate(head);
            head.state = State.BEHIND;
            lane.behind.add(head);
            nextHead(lane);
        }
    }

    private void nextHead(Lane lane) {
        Ticket next = lane.behind.pollFirst();
        lane.head = next;
        if (next != null) {
            headFor(next);
        }
    }

    /** A lane's head either tries at once or queues at the gate that stays closed longest. */
    private void headFor(Ticket head) {
        Gate closed = closedGate(head, System.nanoTime());
        if (closed == null) {
            proceed(head, null);
        } else {
            queueAt(closed, head);
        }
    }

    private void proceed(Ticket head, @Nullable Gate through) {
        head.state = State.TRYING;
        head.cameThrough = through;
        if (through != null) {
            through.trying = head;
        }
        head.changed.signalAll();
    }

    private void queueAt(Gate gate, Ticket head) {
        head.state = State.AT_GATE;
        head.gate = gate;
        gate.queue.add(head);
        if (gate.timer == null && gate.trying == null) {
            schedule(gate);
        }
    }

    private @Nullable Gate closedGate(Ticket ticket, long now) {
        Gate closed = null;
        for (Charge charge : ticket.charges()) {
            Gate gate = gates.get(Gate.Entrance.of(charge));
            if (gate != null && gate.holds(now) && (closed == null || gate.opensAt - closed.opensAt > 0)) {
                closed = gate;
            }
        }
        return closed;
    }

    private void denied(Ticket ticket, Decision.Denied denial, Duration retryAfter) {
        long opensAt = System.nanoTime() + Math.max(1, retryAfter.toNanos());
        Gate gate = gates.computeIfAbsent(ticket.entranceTo(denial.bucket()), entrance -> new Gate(entrance, opensAt));
        gate.opensAt = opensAt;
        gate.queued = denial.queued();
        unschedule(gate);
        Gate through = ticket.cameThrough;
        ticket.cameThrough = null;
        if (through != null) {
            through.trying = null;
        }
        queueAt(gate, ticket);
        if (through != null && through != gate) {
            opened(through);
        }
        if (ticket.cancelled) {
            withdraw(ticket);
        } else {
            // Whoever came during the try may come before it.
            reorder(laneOf(ticket));
        }
    }

    private void letNextThrough(Ticket ticket) {
        Gate through = ticket.cameThrough;
        ticket.cameThrough = null;
        if (through != null) {
            through.trying = null;
            opened(through);
        }
    }

    /** Lets the first of the queue try; those who are held elsewhere queue there. */
    private void opened(Gate gate) {
        long now = System.nanoTime();
        if (gate.opensAt - now > 0) {
            if (gate.timer == null) {
                schedule(gate);
            }
            return;
        }
        while (gate.trying == null) {
            Ticket first = gate.queue.pollFirst();
            if (first == null) {
                unschedule(gate);
                gates.remove(gate.entrance, gate);
                return;
            }
            first.gate = null;
            Gate elsewhere = closedGateBesides(gate, first, now);
            if (elsewhere == null) {
                proceed(first, gate);
            } else {
                queueAt(elsewhere, first);
            }
        }
    }

    private @Nullable Gate closedGateBesides(Gate gate, Ticket ticket, long now) {
        Gate closed = null;
        for (Charge charge : ticket.charges()) {
            Gate other = gates.get(Gate.Entrance.of(charge));
            if (other != null && other != gate && other.opensAt - now > 0) {
                closed = closed == null || other.opensAt - closed.opensAt > 0 ? other : closed;
            }
        }
        return closed;
    }

    private void schedule(Gate gate) {
        long delay = Math.max(0, gate.opensAt - System.nanoTime());
        try {
            gate.timer = timer.schedule(() -> timerFired(gate), delay, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The room is closing: those inside end by their own deadlines.
            gate.timer = null;
        }
    }

    private void unschedule(Gate gate) {
        if (gate.timer != null) {
            gate.timer.cancel(false);
            gate.timer = null;
        }
    }

    private void timerFired(Gate gate) {
        lock.lock();
        try {
            gate.timer = null;
            if (gate.trying == null) {
                opened(gate);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets whoever waits at such gates try now, since what denied it may no longer hold. */
    void reopen(Predicate<Bucket> which) {
        lock.lock();
        try {
            reopened++;
            for (Gate gate : List.copyOf(gates.values())) {
                if (which.test(gate.entrance.bucket())) {
                    unschedule(gate);
                    gate.opensAt = System.nanoTime();
                    opened(gate);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void stepAside(Ticket ticket) {
        lock.lock();
        try {
            leaveLane(ticket);
        } finally {
            lock.unlock();
        }
    }

    void cancel(Ticket ticket) {
        lock.lock();
        try {
            switch (ticket.state) {
                case ASIDE, BEHIND, AT_GATE -> withdraw(ticket);
                case TRYING, OUT -> ticket.cancelled = true;
                case CANCELLED, CLOSED -> {}
            }
        } finally {
            lock.unlock();
        }
    }

    private void withdraw(Ticket ticket) {
        leaveLane(ticket);
        ticket.state = State.CANCELLED;
        ticket.changed.signalAll();
    }

    boolean close(Ticket ticket) {
        lock.lock();
        try {
            if (ticket.state == State.CLOSED) {
                return false;
            }
            leaveLane(ticket);
            ticket.state = State.CLOSED;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a ticket out of its lane, gate and all, and lets the lane and the gate go on. */
    private void leaveLane(Ticket ticket) {
        if (ticket.state == State.CANCELLED || ticket.state == State.CLOSED) {
            return;
        }
        State was = ticket.state;
        ticket.state = State.ASIDE;
        ticket.holdsLane = false;
        everyone.remove(ticket);
        Lane lane = lanes.get(ticket.lane());
        if (was == State.ASIDE || lane == null) {
            return;
        }
        lane.behind.remove(ticket);
        leaveGate(ticket);
        letNextThrough(ticket);
        if (lane.isHeadedBy(ticket)) {
            nextHead(lane);
        }
        if (lane.head == null) {
            lanes.remove(ticket.lane());
        }
    }

    private void leaveGate(Ticket ticket) {
        if (ticket.gate != null) {
            ticket.gate.queue.remove(ticket);
            ticket.gate = null;
        }
    }

    private Bucket holding(Ticket ticket) {
        Gate gate = ticket.gate;
        if (gate == null) {
            Lane lane = lanes.get(ticket.lane());
            gate = lane == null || lane.head == null ? null : lane.head.gate;
        }
        // Behind a call that is out: the lane itself, which is the most particular of its buckets.
        return gate == null ? ticket.charges().getLast().bucket() : gate.entrance.bucket();
    }

    /** When its turn could come: each of its buckets must first serve those ahead of it. */
    private Duration earliestTurn(Ticket ticket) {
        long now = System.nanoTime();
        Lane lane = laneOf(ticket);
        long aheadInLane = lane.weightAhead(ticket);
        long aheadInRoom = Ticket.weight(everyone.headSet(ticket));
        long latest = now;
        for (Charge charge : ticket.charges()) {
            Gate gate = gates.get(Gate.Entrance.of(charge));
            long opens = gate == null ? now : Math.max(0, gate.opensAt - now) + now;
            boolean ownedByLane = gate == null || gate.queue.size() <= 1 || everyone.size() == lane.behind.size() + 1;
            long queued = gate == null ? 0 : gate.queued;
            long turn = opens + Gate.served(charge, (ownedByLane ? aheadInLane : aheadInRoom) + queued);
            latest = turn - latest > 0 ? turn : latest;
        }
        return Duration.ofNanos(latest - now);
    }
}

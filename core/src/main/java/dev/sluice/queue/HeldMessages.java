package dev.sluice.queue;

import dev.sluice.queue.HeldMessage.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * The messages of one bot in memory, and how they pass from one state to the next: first taken out of where they are, then
 * put where they go. Keeps the counters. Guarded by the lock of its queue.
 */
final class HeldMessages {
    private static final byte[] NOTHING = {};

    private final long keep;

    final HeldLanes lanes = new HeldLanes();
    final HeldCallbacks callbacks = new HeldCallbacks();
    final Map<Long, HeldMessage> byNumber = new HashMap<>();
    final NavigableSet<HeldMessage> delayed = new TreeSet<>(by(message -> message.until));
    final NavigableSet<HeldMessage> expiring = new TreeSet<>(by(message -> message.deadline));

    /** By when they came there, which no two did at once. */
    final NavigableMap<Long, HeldMessage> dead = new TreeMap<>();

    final NavigableMap<Long, HeldMessage> unknown = new TreeMap<>();
    private final Map<String, HeldMessage> byKey = new HashMap<>();

    /** By what they change, oldest first. */
    private final Map<String, List<HeldMessage>> byReplaced = new HashMap<>();

    /** What has ended, in the order in which it is forgotten. */
    private final SequencedSet<HeldMessage> ended = new LinkedHashSet<>();

    final Map<FailureClass, Long> failed = new EnumMap<>(FailureClass.class);
    long accepted;
    long sent;

    private long last;

    /** @param keep how long what has ended is remembered */
    HeldMessages(long keep) {
        this.keep = keep;
        for (FailureClass failure : FailureClass.values()) {
            failed.put(failure, 0L);
        }
    }

    private static Comparator<HeldMessage> by(ToLongFunction<HeldMessage> time) {
        return Comparator.comparingLong(time).thenComparingLong(it -> it.id.number());
    }

    /** The next number of a message, a fence or an entry of a list: greater than all before, and not before the clock. */
    long tick(long now) {
        last = Math.max(last + 1, now);
        return last;
    }

    /** Whether a number was given to anything at that time or later. */
    boolean isUsedSince(long micros) {
        return last >= micros;
    }

    /** Counts from the beginning. */
    void retire() {
        accepted = 0;
        sent = 0;
        failed.replaceAll((failure, count) -> 0L);
        lanes.forgetNames();
    }

    /** Forgets what has ended long enough ago. Every step begins with it, so that none meets what is forgotten. */
    void forget(long now) {
        while (!ended.isEmpty() && ended.getFirst().until + keep <= now) {
            drop(ended.removeFirst());
        }
    }

    /**
     * Forgets the messages of a lane, but for what is in flight. What waits is cancelled, what is unknown counts as failed. As {@code
     * forget-chat.lua}.
     *
     * @return how many
     */
    long forgetLane(String lane, long now) {
        List<HeldMessage> found = byNumber.values().stream()
                .filter(message -> Lanes.home(message.lane).equals(lane) && message.stage != Stage.LEASED)
                .toList();
        for (HeldMessage message : found) {
            switch (message.stage) {
                case QUEUED, AGAIN, RETRYING, DELAYED -> {
                    take(message);
                    if (giveUp(message, FailureClass.CANCELLED, now)) {
                        take(message);
                        failSeen(message, now);
                    }
                }
                case UNKNOWN -> {
                    take(message);
                    failSeen(message, now);
                }
                case DEAD -> dead.remove(message.until);
                case SENT, FAILED, LEASED -> {}
            }
            ended.remove(message);
            drop(message);
            callbacks.drop(message.id);
        }
        return found.size();
    }

    private void drop(HeldMessage message) {
        byNumber.remove(message.id.number());
        callbacks.forget(message.id);
        message.once.ifPresent(once -> byKey.remove(once.digest(), message));
        unlink(message);
    }

    /** Nothing replaces it any more. */
    private void unlink(HeldMessage message) {
        message.replaces.ifPresent(what -> byReplaced.computeIfPresent(what.target(), (target, known) -> {
            known.remove(message);
            return known.isEmpty() ? null : known;
        }));
    }

    /** How many take room: all that is pending, dead or unknown. */
    long size() {
        return pending() + dead.size() + unknown.size();
    }

    long pending() {
        long pending = delayed.size();
        for (long depth : lanes.depth) {
            pending += depth;
        }
        return pending;
    }

    Optional<HeldMessage> find(MessageId id) {
        return Optional.ofNullable(byNumber.get(id.number()));
    }

    Optional<HeldMessage> findByKey(String digest) {
        return Optional.ofNullable(byKey.get(digest));
    }

    /** Puts back one that another store had accepted. */
    void restore(HeldMessage message) {
        last = Math.max(last, message.id.number());
        accepted++;
        byNumber.put(message.id.number(), message);
        message.once.ifPresent(once -> byKey.put(once.digest(), message));
        switch (message.stage) {
            case SENT -> sent++;
            case FAILED, DEAD -> count(message.failure.orElseThrow(), 1);
            case DELAYED, QUEUED, AGAIN, RETRYING, LEASED, UNKNOWN -> {}
        }
        switch (message.stage) {
            case DEAD -> dead.put(message.until, message);
            case UNKNOWN -> unknown.put(message.until, message);
            case DELAYED -> delayed.add(message);
            case SENT, FAILED -> ended.add(message);
            case QUEUED, AGAIN, RETRYING, LEASED -> lanes.add(message);
        }
        if (message.stage == Stage.QUEUED || message.stage == Stage.DELAYED) {
            expireAgain(message);
        }
        if (message.stage.state.isPending()) {
            message.replaces.ifPresent(what -> byReplaced
                    .computeIfAbsent(what.target(), target -> new ArrayList<>())
                    .addFirst(message));
        }
    }

    void accept(HeldMessage message, long now) {
        lanes.rename(message);
        byNumber.put(message.id.number(), message);
        message.once.ifPresent(once -> byKey.put(once.digest(), message));
        message.replaces.ifPresent(what -> supersede(what, message, now));
        if (message.deadline > 0) {
            expiring.add(message);
        }
        if (message.stage == Stage.DELAYED) {
            delayed.add(message);
        } else {
            lanes.add(message);
        }
        accepted++;
    }

    /** Ends what a new message replaces. What does not wait for its attempt in this lane any more is forgotten as replaceable. */
    private void supersede(Replacement what, HeldMessage newer, long now) {
        var known = new ArrayList<HeldMessage>();
        for (HeldMessage older : List.copyOf(byReplaced.getOrDefault(what.target(), List.of()))) {
            if (!lanes.now(older.lane).equals(newer.lane) || !older.stage.state.isPending()) {
                continue;
            }
            if (older.stage.isWaiting() && what.covers(older.replaces.orElseThrow())) {
                take(older);
                giveUp(older, FailureClass.SUPERSEDED, now);
            } else {
                known.add(older);
            }
        }
        known.add(newer);
        byReplaced.put(what.target(), known);
    }

    /** Takes a message out of wherever it is; its lane goes on with the next one. */
    void take(HeldMessage message) {
        switch (message.stage) {
            case DELAYED -> delayed.remove(message);
            case QUEUED, AGAIN, LEASED -> lanes.remove(message);
            case RETRYING -> {
                lanes.remove(message);
                lanes.retrying[message.rank]--;
            }
            case UNKNOWN -> unknown.remove(message.until);
            case DEAD -> {
                dead.remove(message.until);
                count(message.failure.orElseThrow(), -1);
            }
            case SENT, FAILED -> throw new IllegalStateException(message.id + " has ended");
        }
        expiring.remove(message);
    }

    private void count(FailureClass failure, long n) {
        failed.merge(failure, n, Long::sum);
    }

    /** Ends one that was taken as failed. */
    void fail(HeldMessage message, FailureClass failure, long now) {
        message.failure = Optional.of(failure);
        count(failure, 1);
        if (failure.isDeadLetter()) {
            message.stage = Stage.DEAD;
            message.until = tick(now);
            unlink(message);
            dead.put(message.until, message);
            callbacks.owe(message, now);
        } else {
            end(message, Stage.FAILED, NOTHING, now);
        }
    }

    /** Ends one that was taken as refused, without a dead letter: somebody has seen it already. */
    void failSeen(HeldMessage message, long now) {
        message.failure = Optional.of(FailureClass.REFUSED);
        count(FailureClass.REFUSED, 1);
        end(message, Stage.FAILED, NOTHING, now);
    }

    /**
     * Ends one that was taken and that nobody wants sent any more, as {@code message_given_up} in {@code lanes.lua}.
     *
     * @return whether it is unknown now
     */
    boolean giveUp(HeldMessage message, FailureClass why, long now) {
        if (message.stage == Stage.AGAIN || message.doubted) {
            message.failure = Optional.of(why);
            doubt(message, now);
            return true;
        }
        if (why != FailureClass.SUPERSEDED) {
            message.once.ifPresent(once -> byKey.remove(once.digest(), message));
            message.once = Optional.empty();
        }
        fail(message, why, now);
        return false;
    }

    /** What was given up as failed was sent after all. */
    void sentAfterAll(HeldMessage message, byte[] result, long now) {
        count(message.failure.orElseThrow(), -1);
        ended.remove(message);
        sent(message, result, now);
    }

    /** Ends one that was taken as sent. */
    void sent(HeldMessage message, byte[] result, long now) {
        sent++;
        message.failure = Optional.empty();
        end(message, Stage.SENT, result.clone(), now);
    }

    private void end(HeldMessage message, Stage stage, byte[] content, long now) {
        message.stage = stage;
        message.until = now;
        message.content = content;
        unlink(message);
        ended.add(message);
        callbacks.owe(message, now);
        forget(now);
    }

    /** Ends one that was taken as unknown. */
    void doubt(HeldMessage message, long now) {
        message.stage = Stage.UNKNOWN;
        message.until = tick(now);
        unknown.put(message.until, message);
        callbacks.owe(message, now);
    }

    /** Puts one that was taken back into its lane. */
    void queue(HeldMessage message) {
        message.stage = Stage.QUEUED;
        message.until = 0;
        expireAgain(message);
        lanes.add(message);
    }

    /** Lets its lifetime count again, which did not while it was leased. */
    void expireAgain(HeldMessage message) {
        if (message.deadline > 0) {
            expiring.add(message);
        }
    }

    /** Puts back one that is dead or unknown: all attempts are before it, its lifetime and its last lease are over. */
    void requeue(HeldMessage message) {
        take(message);
        message.attempts = 0;
        message.failure = Optional.empty();
        message.doubted = false;
        message.fence = 0;
        message.deadline = 0;
        queue(message);
    }

    /** Forgets a dead letter, which stays counted as failed. */
    void purge(HeldMessage message) {
        dead.remove(message.until);
        drop(message);
    }
}

package dev.sluice.queue;

import dev.sluice.queue.CallbackStatus.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** The callbacks of one bot in memory, as {@code callback_owe} and its scripts. Guarded by the lock of its queue. */
final class HeldCallbacks {
    private static final long LIFE = HeldMessage.micros(Callbacks.LIFE);

    /** One message's. */
    private static final class Held {
        final MessageId id;
        final byte[] target;
        Standing standing = Standing.TO_COME;
        MessageState state = MessageState.QUEUED;
        Optional<FailureClass> failure = Optional.empty();
        Optional<String> reason = Optional.empty();
        boolean forgotten;
        int attempts;
        int tries;
        long event;
        long fence;
        long ended;
        long due;

        Held(MessageId id, byte[] target) {
            this.id = id;
            this.target = target;
        }
    }

    private final Map<Long, Held> byNumber = new HashMap<>();
    private final NavigableSet<Held> owed = new TreeSet<>(
            Comparator.comparingLong((Held held) -> held.due).thenComparingLong(held -> held.id.number()));

    /** How many are owed. */
    long owed() {
        return owed.size();
    }

    void accept(HeldMessage message, byte[] target) {
        byNumber.put(message.id.number(), new Held(message.id, target.clone()));
    }

    Optional<SavedMessage.SavedCallback> saved(MessageId id) {
        return Optional.ofNullable(byNumber.get(id.number()))
                .map(held -> new SavedMessage.SavedCallback(
                        held.target.clone(), held.event, held.standing == Standing.OWED));
    }

    /** Puts one back that belongs to a message that was put back. */
    void restore(HeldMessage message, SavedMessage.SavedCallback saved, long now) {
        var held = new Held(message.id, saved.target().clone());
        held.event = saved.event();
        byNumber.put(message.id.number(), held);
        if (saved.owed()) {
            held.event--;
            owe(message, now);
            held.ended = message.until;
        }
    }

    /** Writes down that somebody is to be told what became of it, if somebody is. */
    void owe(HeldMessage message, long now) {
        Held held = byNumber.get(message.id.number());
        if (held == null) {
            return;
        }
        owed.remove(held);
        held.standing = Standing.OWED;
        held.state = message.stage.state;
        held.failure = message.failure;
        held.attempts = message.attempts;
        held.tries = 0;
        held.event++;
        held.fence = 0;
        held.ended = now;
        held.due = now;
        owed.add(held);
    }

    /** Its message is not remembered any more; what is owed still is. */
    void forget(MessageId id) {
        Held held = byNumber.get(id.number());
        if (held != null) {
            held.forgotten = true;
            dropIfOver(held);
        }
    }

    /** Its message is forgotten, and nobody is told any more. */
    void drop(MessageId id) {
        Held held = byNumber.remove(id.number());
        if (held != null) {
            owed.remove(held);
        }
    }

    private void dropIfOver(Held held) {
        if (held.forgotten && held.standing != Standing.OWED) {
            byNumber.remove(held.id.number());
        }
    }

    /** @param tick gives fences */
    DueCallbacks claim(int max, Duration lease, long now, Tick tick) {
        var claimed = new ArrayList<OwedCallback>();
        long looked = 0;
        long lapsed = 0;
        while (looked < max && !owed.isEmpty() && owed.getFirst().due <= now) {
            looked++;
            Held held = owed.removeFirst();
            if (held.ended + LIFE <= now) {
                held.standing = Standing.GIVEN_UP;
                lapsed++;
                dropIfOver(held);
                continue;
            }
            held.tries++;
            held.fence = tick.next(now);
            held.due = now + HeldMessage.micros(lease);
            owed.add(held);
            claimed.add(new OwedCallback(
                    held.id,
                    held.event,
                    held.fence,
                    held.state,
                    held.failure,
                    held.attempts,
                    HeldMessage.instant(held.ended),
                    held.tries,
                    held.target.clone()));
        }
        Optional<Duration> wakeUp = owed.isEmpty()
                ? Optional.empty()
                : Optional.of(MessageRecord.duration(Math.max(0, owed.getFirst().due - now)));
        return new DueCallbacks(claimed, wakeUp, owed.size(), lapsed);
    }

    /** Numbers that ascend. */
    @FunctionalInterface
    interface Tick {
        long next(long now);
    }

    boolean settle(OwedCallback callback, Telling telling, long now) {
        Held held = byNumber.get(callback.id().number());
        if (held == null || held.standing != Standing.OWED || held.fence != callback.fence()) {
            return false;
        }
        owed.remove(held);
        switch (telling) {
            case Telling.Told() -> {
                held.standing = Standing.TOLD;
                held.reason = Optional.empty();
            }
            case Telling.GivenUp(String reason) -> {
                held.standing = Standing.GIVEN_UP;
                held.reason = Optional.of(reason);
            }
            case Telling.Again(String reason, Duration after) -> later(held, reason, after, now);
            case Telling.NotTried(String reason, Duration after) -> {
                held.tries--;
                later(held, reason, after, now);
            }
        }
        dropIfOver(held);
        return true;
    }

    private void later(Held held, String reason, Duration after, long now) {
        held.reason = Optional.of(reason);
        held.due = now + HeldMessage.micros(after);
        owed.add(held);
    }

    Optional<CallbackStatus> find(MessageId id) {
        return Optional.ofNullable(byNumber.get(id.number()))
                .map(held -> new CallbackStatus(
                        held.standing,
                        held.tries,
                        held.reason,
                        held.standing == Standing.OWED
                                ? Optional.of(HeldMessage.instant(held.due))
                                : Optional.empty()));
    }
}

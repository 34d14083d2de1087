package dev.sluice.queue;

import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.queue.SavedMessage.Place;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads a queue out of memory and back. Thread-safe: every step holds the lock of its queue. */
final class HeldSnapshots implements Snapshots {
    private static final int STEP = 200;
    private static final long DAY = 86_400_000_000L;

    private final Function<BotId, HeldQueue> queues;
    private final InMemoryIdempotencyGuard claims;
    private final QueueSettings settings;
    private final Consumer<BotId> changed;

    /**
     * @param queues a bot's queue, which is kept from then on
     * @param claims of calls, one of which may have a message's key by now
     * @param changed is told of bots for which there may be work
     */
    HeldSnapshots(
            Function<BotId, HeldQueue> queues,
            InMemoryIdempotencyGuard claims,
            QueueSettings settings,
            Consumer<BotId> changed) {
        this.queues = queues;
        this.claims = claims;
        this.settings = settings;
        this.changed = changed;
    }

    @Override
    public SnapshotPage read(BotId bot, String cursor) {
        long after = Long.parseUnsignedLong(cursor);
        HeldQueue queue = queues.apply(bot);
        return queue.step(now -> {
            var step = queue.messages.byNumber.entrySet().stream()
                    .filter(entry -> Long.compareUnsigned(entry.getKey(), after) > 0)
                    .sorted(Map.Entry.comparingByKey())
                    .limit(STEP)
                    .toList();
            var saved = step.stream()
                    .map(Map.Entry::getValue)
                    .filter(message -> message.once.isPresent() || !message.hasEnded())
                    .map(message -> message.saved(
                            queue.messages.callbacks.saved(message.id),
                            now,
                            settings.retry().maxRetries()))
                    .toList();
            return new SnapshotPage(
                    saved,
                    step.size() < STEP
                            ? Optional.empty()
                            : Optional.of(step.getLast().getKey().toString()));
        });
    }

    @Override
    public List<Restored> restore(BotId bot, List<SavedMessage> messages) {
        Batch.requireRestored(bot, messages);
        HeldQueue queue = queues.apply(bot);
        var restored = claims.withoutClaims(() -> queue.step(now -> {
            var each = new ArrayList<Restored>(messages.size());
            messages.forEach(message -> each.add(restore(queue.messages, message, now)));
            return each;
        }));
        changed.accept(bot);
        return restored;
    }

    private boolean isTaken(HeldMessages messages, BotId bot, NewMessage.Once once) {
        return messages.findByKey(once.digest()).isPresent()
                || claims.standing(new IdempotencyKey(bot.toString(), once.digest()), once.content())
                        .isPresent();
    }

    private Restored restore(HeldMessages messages, SavedMessage saved, long now) {
        if (messages.find(saved.id()).isPresent()) {
            return Restored.KNOWN;
        } else if (saved.once()
                .filter(once -> isTaken(messages, saved.id().bot(), once))
                .isPresent()) {
            return Restored.KEY_TAKEN;
        } else if (saved.id().number() > now + DAY) {
            return Restored.AHEAD;
        } else if (saved.place() == Place.SENT || saved.place() == Place.FAILED) {
            long ended = MessageRecord.micros(saved.until().orElseThrow());
            if (ended + HeldMessage.micros(settings.keep()) <= now) {
                return Restored.FORGOTTEN;
            }
        } else if (messages.size() >= settings.bound()) {
            return Restored.FULL;
        }
        var held = new HeldMessage(saved);
        if (held.stage == Stage.DEAD || held.stage == Stage.UNKNOWN) {
            held.until = messages.tick(held.until); // no two entries of a list are equal
        }
        messages.restore(held);
        saved.callback().ifPresent(callback -> messages.callbacks.restore(held, callback, now));
        return Restored.ADDED;
    }
}

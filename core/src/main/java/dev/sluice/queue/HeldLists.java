package dev.sluice.queue;

import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;

/** Dead letters and unknown messages in memory. Thread-safe: every step holds the lock of its queue. */
final class HeldLists {
    private static final byte[] NOTHING = {};

    private final Function<BotId, HeldQueue> queues;
    private final Consumer<BotId> changed;

    /** @param changed is told of bots for which there may be work */
    HeldLists(Function<BotId, HeldQueue> queues, Consumer<BotId> changed) {
        this.queues = queues;
        this.changed = changed;
    }

    /** What is done to one message of a list. */
    @FunctionalInterface
    private interface Step {
        void apply(HeldMessages messages, HeldMessage message, long now);
    }

    private static final Step REQUEUE = (messages, message, now) -> messages.requeue(message);
    private static final Step PURGE = (messages, message, now) -> messages.purge(message);
    private static final Step SENT = (messages, message, now) -> {
        messages.take(message);
        messages.sent(message, NOTHING, now);
    };
    private static final Step FAILED = (messages, message, now) -> {
        messages.take(message);
        messages.failSeen(message, now);
    };

    DeadLetters deadLetters() {
        return new DeadLetters() {
            @Override
            public Page page(BotId bot, ListFilter filter, long cursor, int max) {
                return list(Stage.DEAD, bot, filter, cursor, max);
            }

            @Override
            public Change requeue(MessageId id) {
                return change(Stage.DEAD, REQUEUE, id);
            }

            @Override
            public Swept requeueAll(BotId bot, ListFilter filter, long cursor) {
                return changeAll(Stage.DEAD, REQUEUE, bot, filter, cursor);
            }

            @Override
            public Change purge(MessageId id) {
                return change(Stage.DEAD, PURGE, id);
            }

            @Override
            public Swept purgeAll(BotId bot, ListFilter filter, long cursor) {
                return changeAll(Stage.DEAD, PURGE, bot, filter, cursor);
            }
        };
    }

    UnknownMessages unknowns() {
        return new UnknownMessages() {
            @Override
            public Page page(BotId bot, ListFilter filter, long cursor, int max) {
                return list(Stage.UNKNOWN, bot, filter, cursor, max);
            }

            @Override
            public Change resolve(MessageId id, Resolution resolution) {
                return change(Stage.UNKNOWN, step(resolution), id);
            }

            @Override
            public Swept resolveAll(BotId bot, ListFilter filter, long cursor, Resolution resolution) {
                return changeAll(Stage.UNKNOWN, step(resolution), bot, filter, cursor);
            }
        };
    }

    private static Step step(UnknownMessages.Resolution resolution) {
        return switch (resolution) {
            case SENT -> SENT;
            case FAILED -> FAILED;
            case REQUEUE -> REQUEUE;
        };
    }

    private Change change(Stage listed, Step step, MessageId id) {
        HeldQueue queue = queues.apply(id.bot());
        Change became = queue.change(id, (message, now) -> {
            if (message.stage != listed) {
                return Change.NOT_POSSIBLE;
            }
            step.apply(queue.messages, message, now);
            return Change.DONE;
        });
        changed.accept(id.bot());
        return became;
    }

    private Page list(Stage listed, BotId bot, ListFilter filter, long cursor, int max) {
        if (max < 1 || max > DeadLetters.LOOKED_AT) {
            throw new IllegalArgumentException("a page has 1 to " + DeadLetters.LOOKED_AT + " messages, not " + max);
        }
        HeldQueue queue = queues.apply(bot);
        return queue.step(now -> {
            Found found = find(listed, queue.messages, filter, cursor, max);
            return new Page(found.messages.stream().map(HeldMessage::details).toList(), found.next);
        });
    }

    private Swept changeAll(Stage listed, Step step, BotId bot, ListFilter filter, long cursor) {
        HeldQueue queue = queues.apply(bot);
        Swept swept = queue.step(now -> {
            Found found = find(listed, queue.messages, filter, cursor, DeadLetters.LOOKED_AT);
            found.messages.forEach(message -> step.apply(queue.messages, message, now));
            return new Swept(found.messages.size(), found.next);
        });
        changed.accept(bot);
        return swept;
    }

    private record Found(List<HeldMessage> messages, OptionalLong next) {}

    private static Found find(Stage listed, HeldMessages messages, ListFilter filter, long cursor, int max) {
        NavigableMap<Long, HeldMessage> list = listed == Stage.DEAD ? messages.dead : messages.unknown;
        long after = Math.max(
                cursor, filter.from().map(from -> HeldMessage.micros(from) - 1).orElse(DeadLetters.START));
        long before = filter.until().map(HeldMessage::micros).orElse(Long.MAX_VALUE);
        var found = new ArrayList<HeldMessage>();
        int looked = 0;
        if (after < before) {
            for (HeldMessage message : list.subMap(after, false, before, false).values()) {
                if (found.size() == max || looked == DeadLetters.LOOKED_AT) {
                    return new Found(found, OptionalLong.of(after));
                }
                if (matches(messages.lanes, filter, message)) {
                    found.add(message);
                }
                looked++;
                after = message.until;
            }
        }
        return new Found(found, OptionalLong.empty());
    }

    private static boolean matches(HeldLanes lanes, ListFilter filter, HeldMessage message) {
        return filter.chat()
                        .map(chat -> lanes.now(Lanes.of(chat)))
                        .filter(lane -> !lane.equals(lanes.now(message.lane)))
                        .isEmpty()
                && filter.reason()
                        .filter(reason -> !message.lastReason().equals(Optional.of(reason)))
                        .isEmpty();
    }
}

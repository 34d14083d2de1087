package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Dead letters and unknown messages in Redis, and what is done to single messages. */
final class RedisListedMessages {
    /** What a change-all answers before the messages. */
    private static final int HEAD = 2;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final QueueSettings settings;
    private final QueueWaiter waiter;
    private final QueueMending mending;

    RedisListedMessages(
            ScriptRunner redis, KeySpace keys, QueueSettings settings, QueueWaiter waiter, QueueMending mending) {
        this.redis = redis;
        this.keys = keys;
        this.settings = settings;
        this.waiter = waiter;
        this.mending = mending;
    }

    DeadLetters deadLetters() {
        return new DeadLetters() {
            @Override
            public Page page(BotId bot, ListFilter filter, long cursor, int max) {
                return list("dead", bot, filter, cursor, max);
            }

            @Override
            public Change requeue(MessageId id) {
                return change("requeue", id);
            }

            @Override
            public Swept requeueAll(BotId bot, ListFilter filter, long cursor) {
                return changeAll("dead", "requeue", bot, filter, cursor);
            }

            @Override
            public Change purge(MessageId id) {
                return change("purge", id);
            }

            @Override
            public Swept purgeAll(BotId bot, ListFilter filter, long cursor) {
                return changeAll("dead", "purge", bot, filter, cursor);
            }
        };
    }

    UnknownMessages unknowns() {
        return new UnknownMessages() {
            @Override
            public Page page(BotId bot, ListFilter filter, long cursor, int max) {
                return list("unknown", bot, filter, cursor, max);
            }

            @Override
            public Change resolve(MessageId id, Resolution resolution) {
                return change(word(resolution), id);
            }

            @Override
            public Swept resolveAll(BotId bot, ListFilter filter, long cursor, Resolution resolution) {
                return changeAll("unknown", word(resolution), bot, filter, cursor);
            }
        };
    }

    private static String word(UnknownMessages.Resolution resolution) {
        return switch (resolution) {
            case SENT -> "sent";
            case FAILED -> "failed";
            case REQUEUE -> "resend";
        };
    }

    /** @param change one that {@code changes.lua} knows */
    Change change(String change, MessageId id) {
        ScriptReply reply = mending.run(
                redis,
                QueueScripts.CHANGE,
                id.bot(),
                QueueScripts.keys(id.bot(), keys),
                ascii(change, Long.toString(id.number()), keep()));
        waiter.stir(id.bot());
        return changed(reply);
    }

    /** Reads what {@code changes.lua} answers. */
    static Change changed(ScriptReply reply) {
        return switch ((int) reply.number(0)) {
            case 1 -> Change.DONE;
            case 2 -> Change.IN_FLIGHT;
            case 3 -> Change.NOT_POSSIBLE;
            case 4 -> Change.ABSENT;
            case 5 -> Change.UNKNOWN;
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered an unknown change: " + reply.number(0));
        };
    }

    private Page list(String set, BotId bot, ListFilter filter, long cursor, int max) {
        if (max < 1 || max > DeadLetters.LOOKED_AT) {
            throw new IllegalArgumentException("a page has 1 to " + DeadLetters.LOOKED_AT + " messages, not " + max);
        }
        ScriptReply reply = changeAll(set, "list", bot, filter, cursor, max);
        var items = new ArrayList<MessageDetails>((reply.size() - HEAD) / 2);
        for (int i = HEAD; i < reply.size(); i += 2) {
            MessageRecord.read(new MessageId(bot, reply.number(i)), reply.bytes(i + 1), MessageRecord::details)
                    .ifPresent(items::add);
        }
        return new Page(items, next(reply));
    }

    private Swept changeAll(String set, String change, BotId bot, ListFilter filter, long cursor) {
        ScriptReply reply = changeAll(set, change, bot, filter, cursor, DeadLetters.LOOKED_AT);
        waiter.stir(bot);
        return new Swept(reply.number(1), next(reply));
    }

    private ScriptReply changeAll(String set, String change, BotId bot, ListFilter filter, long cursor, int most) {
        var arguments = ascii(
                set,
                change,
                Long.toString(cursor),
                filter.from().map(RedisListedMessages::micros).orElse("-inf"),
                filter.until().map(until -> "(" + micros(until)).orElse("+inf"),
                filter.chat().map(Lanes::of).orElse(""),
                filter.reason().orElse(""),
                Integer.toString(most),
                Integer.toString(DeadLetters.LOOKED_AT),
                keep());
        return mending.run(redis, QueueScripts.CHANGE_ALL, bot, QueueScripts.keys(bot, keys), arguments);
    }

    private static OptionalLong next(ScriptReply reply) {
        long next = reply.number(0);
        return next < 0 ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private String keep() {
        return Long.toString(MessageRecord.micros(settings.keep()));
    }

    private static String micros(Instant time) {
        return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time));
    }

    private static List<byte[]> ascii(String... texts) {
        return Stream.of(texts).map(MessageRecord::ascii).toList();
    }
}

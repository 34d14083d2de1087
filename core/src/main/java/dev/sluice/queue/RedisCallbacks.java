package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Callbacks in Redis: each method is one script. */
final class RedisCallbacks implements Callbacks {
    /** What a claim answers before the callbacks. */
    private static final int HEAD = 3;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final QueueMending mending;

    RedisCallbacks(ScriptRunner redis, KeySpace keys, QueueMending mending) {
        this.redis = redis;
        this.keys = keys;
        this.mending = mending;
    }

    @Override
    public DueCallbacks claim(BotId bot, int max, Duration lease) {
        Batch.requireClaim(max);
        byte[] asked = little(Integer.BYTES + 2 * Double.BYTES)
                .putInt(max)
                .putDouble(MessageRecord.micros(lease))
                .putDouble(MessageRecord.micros(LIFE))
                .array();
        ScriptReply reply = run(QueueScripts.CLAIM_CALLBACKS, bot, asked);
        var callbacks = new ArrayList<OwedCallback>((reply.size() - HEAD) / 2);
        for (int i = HEAD; i < reply.size(); i += 2) {
            callbacks.add(CallbackRecord.read(reply.bytes(i + 1)).owed(new MessageId(bot, reply.number(i))));
        }
        long wakeUp = reply.number(0);
        return new DueCallbacks(
                callbacks,
                wakeUp < 0 ? Optional.empty() : Optional.of(MessageRecord.duration(wakeUp)),
                reply.number(1),
                reply.number(2));
    }

    @Override
    public boolean settle(OwedCallback callback, Telling telling) {
        byte[] number = number(callback.id());
        byte[] reason = MessageRecord.ascii(
                switch (telling) {
                    case Telling.Told told -> "";
                    case Telling.GivenUp(String why) -> why;
                    case Telling.Again(String why, Duration after) -> why;
                    case Telling.NotTried(String why, Duration after) -> why;
                });
        Duration delay = switch (telling) {
            case Telling.Told told -> Duration.ZERO;
            case Telling.GivenUp givenUp -> Duration.ZERO;
            case Telling.Again(String why, Duration after) -> after;
            case Telling.NotTried(String why, Duration after) -> after;
        };
        byte[] asked = little(2 * Double.BYTES + 3 + number.length + reason.length)
                .putDouble(callback.fence())
                .put((byte) CallbackRecord.letter(telling))
                .putDouble(MessageRecord.micros(delay))
                .put((byte) number.length)
                .put(number)
                .put((byte) reason.length)
                .put(reason)
                .array();
        return run(QueueScripts.SETTLE_CALLBACK, callback.id().bot(), asked).number(0) == 1;
    }

    @Override
    public Optional<CallbackStatus> find(MessageId id) {
        ScriptReply reply = run(QueueScripts.FIND_CALLBACK, id.bot(), number(id));
        if (reply.size() == 0) {
            return Optional.empty();
        }
        Optional<Instant> due = Optional.of(reply.text(1))
                .filter(score -> !score.isEmpty())
                .map(score -> MessageRecord.instant((long) Double.parseDouble(score)));
        return Optional.of(CallbackRecord.read(reply.bytes(0)).status(due));
    }

    private ScriptReply run(Script script, BotId bot, byte[] argument) {
        return mending.run(redis, script, bot, QueueScripts.keys(bot, keys), List.of(argument));
    }

    private static byte[] number(MessageId id) {
        return MessageRecord.ascii(Long.toString(id.number()));
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}

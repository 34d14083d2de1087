package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads a queue out of Redis and back, in steps that hold nobody up. */
final class RedisSnapshots implements Snapshots {
    /** Some 50 microseconds of Redis; and what is found is in memory at once, each message up to 2 MiB. */
    private static final int KEYS_LOOKED_AT = 100;

    /** What reading answers before the messages, and of each. */
    private static final int HEAD = 2;

    private static final int FIELDS = 4;
    private static final byte[] NO_FINGERPRINT = new byte[32];
    private static final byte[] NOBODY = {};

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final QueueSettings settings;
    private final QueueRegistry registry;
    private final QueueWaiter waiter;
    private final QueueMending mending;

    RedisSnapshots(
            ScriptRunner redis,
            KeySpace keys,
            QueueSettings settings,
            QueueRegistry registry,
            QueueWaiter waiter,
            QueueMending mending) {
        this.redis = redis;
        this.keys = keys;
        this.settings = settings;
        this.registry = registry;
        this.waiter = waiter;
        this.mending = mending;
    }

    @Override
    public SnapshotPage read(BotId bot, String cursor) {
        ScriptReply found = run(
                QueueScripts.SCAN_MESSAGES,
                bot,
                List.of(MessageRecord.ascii(cursor), MessageRecord.ascii(Integer.toString(KEYS_LOOKED_AT))));
        var numbers = new ArrayList<byte[]>();
        for (int i = 1; i < found.size(); i++) {
            numbers.add(found.bytes(i));
        }
        var messages = new ArrayList<SavedMessage>();
        int read = 0;
        while (read < numbers.size()) {
            read += read(bot, numbers.subList(read, numbers.size()), messages);
        }
        String next = found.text(0);
        return new SnapshotPage(messages, next.equals(START) ? Optional.empty() : Optional.of(next));
    }

    /** @return how many of the numbers were looked at, 1 or more */
    private int read(BotId bot, List<byte[]> numbers, List<SavedMessage> messages) {
        List<byte[]> asked = Stream.concat(
                        Stream.of(MessageRecord.ascii(Integer.toString(STEP_BYTES))), numbers.stream())
                .toList();
        ScriptReply reply = run(QueueScripts.READ_MESSAGES, bot, asked);
        long now = reply.number(1);
        for (int i = HEAD; i < reply.size(); i += FIELDS) {
            byte[] key = reply.bytes(i + 2);
            byte[] callback = reply.bytes(i + 3);
            int retries = settings.retry().maxRetries();
            MessageRecord.read(
                            new MessageId(bot, reply.number(i)),
                            reply.bytes(i + 1),
                            record -> Optional.of(record)
                                    .filter(MessageRecord::isSaved)
                                    .map(saved -> saved.saved(key, callback, now, retries)))
                    .flatMap(Function.identity())
                    .ifPresent(messages::add);
        }
        return Math.toIntExact(reply.number(0));
    }

    @Override
    public List<Restored> restore(BotId bot, List<SavedMessage> messages) {
        Batch.requireRestored(bot, messages);
        if (messages.isEmpty()) {
            return List.of();
        }
        registry.register(bot);
        var arguments = new ArrayList<byte[]>(1 + messages.size());
        arguments.add(little(2 * Double.BYTES)
                .putDouble(settings.bound())
                .putDouble(MessageRecord.micros(settings.keep()))
                .array());
        messages.forEach(message -> arguments.add(argument(message)));
        ScriptReply reply =
                mending.run(redis, QueueScripts.RESTORE, bot, QueueScripts.keysAndClaims(bot, keys), arguments);
        waiter.stir(bot);
        var restored = new ArrayList<Restored>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            restored.add(Restored.valueOf(reply.text(i).replace('-', '_').toUpperCase(Locale.ROOT)));
        }
        return restored;
    }

    private byte[] argument(SavedMessage message) {
        byte[] number = MessageRecord.ascii(Long.toString(message.id().number()));
        byte[] fingerprint = message.once()
                .map(once -> HexFormat.of().parseHex(once.content().hex()))
                .orElse(NO_FINGERPRINT);
        byte[] target =
                message.callback().map(SavedMessage.SavedCallback::target).orElse(NOBODY);
        boolean ephemeral = settings.isEphemeral(message.lane());
        byte[] packed = MessageRecord.pack(ephemeral ? message.withoutTrace() : message);
        byte[] record = ephemeral ? MessageRecord.ephemeral(packed) : packed;
        int size = 1 + number.length + fingerprint.length + Double.BYTES + 1 + Short.BYTES + target.length;
        return little(size + record.length)
                .put((byte) number.length)
                .put(number)
                .put(fingerprint)
                .putDouble(message.callback()
                        .map(SavedMessage.SavedCallback::event)
                        .orElse(0L))
                .put((byte)
                        (message.callback()
                                        .filter(SavedMessage.SavedCallback::owed)
                                        .isPresent()
                                ? 1
                                : 0))
                .putShort((short) target.length)
                .put(target)
                .put(record)
                .array();
    }

    private ScriptReply run(Script script, BotId bot, List<byte[]> arguments) {
        return mending.run(redis, script, bot, QueueScripts.keys(bot, keys), arguments);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}

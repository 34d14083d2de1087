package dev.sluice.queue;

import dev.sluice.telegram.BotId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What {@code enqueue.lua} is given. */
final class EnqueueArguments {
    private static final int FINGERPRINT_BYTES = 32;

    private EnqueueArguments() {}

    static List<byte[]> of(BotId bot, List<NewMessage> messages, QueueSettings settings) {
        int ofMessages = messages.stream().mapToInt(EnqueueArguments::bytes).sum();
        var head = ByteBuffer.allocate(2 * Double.BYTES + ofMessages)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(settings.bound())
                .putDouble(MessageRecord.micros(settings.keep()));
        var arguments = new ArrayList<byte[]>(1 + messages.size());
        arguments.add(head.array());
        for (NewMessage message : messages) {
            message.once()
                    .ifPresent(once ->
                            head.put(HexFormat.of().parseHex(once.content().hex())));
            message.callback()
                    .ifPresent(target -> head.putShort((short) target.length).put(target));
            byte[] record = MessageRecord.pack(bot, message);
            arguments.add(
                    settings.isEphemeral(Lanes.of(message.chat(), message.replaces()))
                            ? MessageRecord.ephemeral(record)
                            : record);
        }
        return arguments;
    }

    /** What is said of a message beside its record. */
    private static int bytes(NewMessage message) {
        return (message.once().isPresent() ? FINGERPRINT_BYTES : 0)
                + message.callback().map(target -> Short.BYTES + target.length).orElse(0);
    }
}

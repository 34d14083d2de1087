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
        int digests =
                (int) messages.stream().filter(it -> it.once().isPresent()).count();
        var head = ByteBuffer.allocate(2 * Double.BYTES + digests * FINGERPRINT_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(settings.bound())
                .putDouble(MessageRecord.micros(settings.keep()));
        var arguments = new ArrayList<byte[]>(1 + messages.size());
        arguments.add(head.array());
        for (NewMessage message : messages) {
            message.once()
                    .ifPresent(once ->
                            head.put(HexFormat.of().parseHex(once.content().hex())));
            arguments.add(MessageRecord.pack(bot, message));
        }
        return arguments;
    }
}

package dev.sluice.queue;

import dev.sluice.limit.BucketScript;
import dev.sluice.limit.Floods;
import dev.sluice.limit.TelegramLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What {@code settle.lua} is given. */
final class SettleArguments {
    private static final byte[] NOTHING = {};
    private static final int FIXED_BYTES = 3 * Double.BYTES + 3;

    private SettleArguments() {}

    static List<byte[]> of(
            List<Settlement> settlements, TelegramLimits limits, QueueSettings settings, RandomGenerator random) {
        // In shadow mode more passes than is charged, so nobody knows at which rate Telegram said it.
        boolean learns = settings.learning().isOn()
                && !limits.shadow()
                && settlements.stream().anyMatch(settlement -> settlement.ending() instanceof Ending.Flooded);
        byte[] packed = learns ? BucketScript.argument(limits) : NOTHING;
        RetryPolicy retry = settings.retry();
        var arguments = new ArrayList<byte[]>(1 + settlements.size());
        arguments.add(little(4 * Double.BYTES + 2 * Integer.BYTES + 1 + packed.length)
                .putDouble(MessageRecord.micros(settings.keep()))
                .putInt(retry.maxRetries())
                .putDouble(MessageRecord.micros(retry.base()))
                .putDouble(MessageRecord.micros(retry.max()))
                .putDouble(MessageRecord.micros(Floods.COUNT_FOR))
                .putInt(Floods.THAT_PARK_THE_BOT)
                .put((byte) (limits.replies().isPresent() ? 1 : 0))
                .put(packed)
                .array());
        for (Settlement settlement : settlements) {
            arguments.add(argument(settlement, retry.factor(random.nextDouble())));
        }
        return arguments;
    }

    private static byte[] argument(Settlement settlement, double jitter) {
        return switch (settlement.ending()) {
            case Ending.Sent(byte[] result) -> pack(settlement.lease(), 'S', 0, jitter, "", result);
            case Ending.Refused(String reason) -> pack(settlement.lease(), 'F', 0, jitter, reason, NOTHING);
            case Ending.Suppressed(String reason) -> pack(settlement.lease(), 'N', 0, jitter, reason, NOTHING);
            case Ending.Retry(String reason, var after) ->
                pack(settlement.lease(), 'R', after.map(MessageRecord::micros).orElse(0L), jitter, reason, NOTHING);
            case Ending.Flooded(Duration after) ->
                pack(settlement.lease(), 'W', MessageRecord.micros(after), jitter, "", NOTHING);
            case Ending.NotSent() -> pack(settlement.lease(), 'B', 0, jitter, "", NOTHING);
            case Ending.Unanswered(String reason) -> pack(settlement.lease(), 'U', 0, jitter, reason, NOTHING);
        };
    }

    private static byte[] pack(Lease lease, char ending, long delay, double jitter, String reason, byte[] result) {
        String number = Long.toString(lease.id().number());
        return little(FIXED_BYTES + number.length() + reason.length() + result.length)
                .put((byte) number.length())
                .put(MessageRecord.ascii(number))
                .putDouble(lease.fence())
                .put((byte) ending)
                .putDouble(delay)
                .putDouble(jitter)
                .put((byte) reason.length())
                .put(MessageRecord.ascii(reason))
                .put(result)
                .array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}

package dev.sluice.queue;

import dev.sluice.queue.CallbackStatus.Standing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** A callback as Redis keeps it. {@code messages.lua} explains the bytes and writes the same. */
record CallbackRecord(
        Standing standing,
        char state,
        int failure,
        int attempts,
        int tries,
        long event,
        long fence,
        long ended,
        String reason,
        byte[] target) {

    static CallbackRecord read(byte[] raw) {
        var in = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        Standing standing = standing((char) in.get());
        char state = (char) in.get();
        int failure = in.get();
        int attempts = Byte.toUnsignedInt(in.get());
        int tries = Short.toUnsignedInt(in.getShort());
        long event = (long) in.getDouble();
        long fence = (long) in.getDouble();
        long ended = (long) in.getDouble();
        byte[] reason = new byte[Byte.toUnsignedInt(in.get())];
        in.get(reason);
        return new CallbackRecord(
                standing,
                state,
                failure,
                attempts,
                tries,
                event,
                fence,
                ended,
                new String(reason, StandardCharsets.US_ASCII),
                Arrays.copyOfRange(raw, in.position(), raw.length));
    }

    /** The letter of what a try came to. */
    static char letter(Telling telling) {
        return switch (telling) {
            case Telling.Told told -> 'T';
            case Telling.GivenUp givenUp -> 'G';
            case Telling.Again again -> 'O';
            case Telling.NotTried notTried -> 'N';
        };
    }

    private static Standing standing(char letter) {
        return switch (letter) {
            case 'W' -> Standing.TO_COME;
            case 'O' -> Standing.OWED;
            case 'T' -> Standing.TOLD;
            case 'G' -> Standing.GIVEN_UP;
            default -> throw new IllegalStateException("no callback has the standing " + letter);
        };
    }

    OwedCallback owed(MessageId id) {
        return new OwedCallback(
                id,
                event,
                fence,
                MessageRecord.state(state),
                failure == 0 ? Optional.empty() : Optional.of(MessageRecord.FAILURES.get(failure - 1)),
                attempts,
                MessageRecord.instant(ended),
                tries,
                target);
    }

    SavedMessage.SavedCallback saved() {
        return new SavedMessage.SavedCallback(target, event, standing == Standing.OWED);
    }

    CallbackStatus status(Optional<Instant> due) {
        return new CallbackStatus(standing, tries, Optional.of(reason).filter(text -> !text.isEmpty()), due);
    }
}
